import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import { withoutAliases } from "../container/body.ts";
import { lastLogs } from "../container/candidate.ts";
import { causeOf } from "../container/cause/cause.ts";
import { withDaemonLogging } from "../container/log-driver.ts";
import { thenUp } from "../container/remedy.ts";
import { containerBody } from "./container.ts";
import { createContainer } from "./create.ts";
import type { FoundCommand } from "./fleet.ts";
import { type ReleaseCommand, type ReleaseInputs, rolesOf } from "./inputs.ts";
import { keysIn } from "./keys.ts";
import type { OperationOf } from "./operation.ts";
import { type Place, places } from "./places.ts";
import { only } from "./plan.ts";
import { COMMAND } from "./plan-commands.ts";
import { timed } from "./timed.ts";
import { whatServes } from "./what-serves.ts";
import type { Work } from "./work.ts";

type Command = OperationOf<"run-command">;

/** How often the last line of its output is shown. */
const FOLLOW_INTERVAL: Seconds = 1;

/**
 * Runs what must succeed before anything of the release starts, one command after the other. Each is a container that outlives
 * this process: a run that loses its connection, or is killed, finds it again and goes on waiting.
 */
export const runReleaseCommands = timed("release command", async (work) => {
  const commands = only(work.plan, "run-command");
  const [first] = commands;
  if (first === undefined) return;
  await awaitOthers(work, work.on(first.host), commands);
  for (const command of commands) await runCommand(command, work);
});

/** Two migrations at once are worse than a late one: a command that an earlier run started may end first. */
async function awaitOthers(work: Work, host: Host, own: readonly Command[]): Promise<void> {
  const { timeout } = wantedBy(work);
  const found = work.before[host.name];
  const running = found?.kind === "reached" ? found.commands.filter(({ state }) => state === "running") : [];
  for (const other of running.filter(({ name }) => own.every(({ container }) => container !== name))) {
    work.run.report.status(`waiting for ${other.name}, which an earlier run started`);
    await ended(host, other, timeout, () => stillRuns(work, host, other.name));
  }
}

export async function runCommand(command: Command, work: Work): Promise<void> {
  const host = work.on(command.host);
  const { timeout } = wantedBy(work);
  const id = await startOrFind(work, host, command);
  const ticker = setInterval(() => void reportProgress(work, host, command, id), FOLLOW_INTERVAL * 1000);
  try {
    const { code } = await ended(host, { id }, timeout, () => tookTooLong(work, host, command, id));
    if (code !== 0) throw await failed(work, host, command, id, code);
  } finally {
    clearInterval(ticker);
  }
}

function wantedBy({ inputs: { releaseCommand } }: Work): ReleaseCommand {
  if (releaseCommand === undefined) throw new TypeError("the release has no command");
  return releaseCommand;
}

async function startOrFind(work: Work, host: Host, command: Command): Promise<string> {
  const found = await host.docker.inspect(command.container);
  if (found !== undefined && found.state.status !== "created") return found.id;
  const { id } = found ?? (await create(work, host, command));
  await host.docker.start(id);
  return id;
}

async function create(work: Work, host: Host, command: Command): Promise<{ id: string }> {
  const { image } = placeOf(work.inputs, wantedBy(work), command.release);
  const body = await commandBody(work, host, command);
  return createContainer(host, { container: command.container, image, body }, work.inputs);
}

/** The container of its role, with its own command and name, and without ports and role: it must not be taken for one that serves. */
async function commandBody(work: Work, host: Host, { command, release, index }: Command) {
  const place = placeOf(work.inputs, wantedBy(work), release);
  const body = await withDaemonLogging(containerBody(work.inputs, place), place.spec.logging, () => work.dockerOn(host));
  const { role: _role, ...labels } = body.Labels ?? {};
  const { PortBindings: _ports, ...HostConfig } = body.HostConfig ?? {};
  return {
    ...withoutAliases(body),
    HostConfig,
    Cmd: [...command],
    Labels: { ...labels, [COMMAND.release]: release, [COMMAND.index]: String(index) },
  };
}

function placeOf(inputs: ReleaseInputs, { host, role }: ReleaseCommand, release: string): Place {
  const track = release === inputs.release ? "release" : "canary";
  const found = places(inputs).find((place) => place.host === host && place.role === role && place.track === track);
  if (found === undefined) throw new TypeError(`no place for the release command on ${host}`);
  return found;
}

async function ended(host: Host, { id }: Pick<FoundCommand, "id">, timeout: Seconds, late: () => Promise<SlipwayError>) {
  const over = new AbortController();
  const tooLate = new Error("too late");
  const exited = host.docker.exited(id, over.signal);
  try {
    return await Deadline.in(timeout).race(exited, () => tooLate);
  } catch (thrown) {
    throw thrown === tooLate ? await late() : thrown;
  } finally {
    exited.catch(() => {});
    over.abort();
  }
}

async function reportProgress({ run }: Work, host: Host, { command, container }: Command, id: string): Promise<void> {
  const [line] = await host.docker.lastLogs(id, 1).catch((thrown: unknown) => {
    if (thrown instanceof ConnectionLost) return [];
    return [messageOf(thrown)];
  });
  run.report.status(`${command.join(" ")}: ${line ?? `${container} runs`}`);
}

const AGAIN = "fix what its output shows, then run pulumi up again";
const NOTHING_STARTED = "nothing of the new release was started";

async function failed(work: Work, host: Host, command: Command, id: string, code: number): Promise<SlipwayError> {
  const { shown, lines } = await lastLogs({ host, id, name: command.container }, "kept");
  const seen = { lines, ended: { code, oomKilled: false, memoryLimit: 0 } };
  const cause = causeOf(seen, keysIn(work.inputs, placeOf(work.inputs, wantedBy(work), command.release), work.run.config));
  const what = `the release command ${command.command.join(" ")} exited with code ${code}`;
  return story(work, host.name, {
    what: cause?.what === undefined ? what : `${what}: ${cause.what}`,
    evidence: [...shown, ...(cause?.hints ?? [])],
    next: cause === undefined ? `${AGAIN}: it runs once more` : thenUp(cause.remedy, work.inputs.stack),
  });
}

async function tookTooLong(work: Work, host: Host, command: Command, id: string): Promise<SlipwayError> {
  const { shown: evidence } = await lastLogs({ host, id, name: command.container }, "kept");
  await host.docker.remove(id, { force: true, anonymousVolumes: true });
  return story(work, host.name, {
    what: `the release command ${command.command.join(" ")} was stopped after ${wantedBy(work).timeout} s`,
    evidence,
    next: "make it faster, or raise slipway:release.timeout, then run pulumi up again",
  });
}

const stillRuns = async (work: Work, host: Host, name: string): Promise<SlipwayError> =>
  story(work, host.name, {
    what: `${name}, which an earlier run started, still runs`,
    evidence: (await lastLogs({ host, id: name, name }, "kept")).shown,
    next: `wait for it, or stop it on ${host.name} (docker stop ${name}), then run pulumi up again`,
  });

const story = (
  { inputs, before }: Work,
  host: HostName,
  parts: { what: string; evidence: readonly string[]; next: string },
): SlipwayError =>
  new SlipwayError({
    code: "RELEASE_COMMAND_FAILED",
    ...parts,
    host,
    servesNow: `${whatServes(before, rolesOf(inputs))}; ${NOTHING_STARTED}`,
  });
