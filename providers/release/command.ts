import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import { lastLogs } from "../container/candidate.ts";
import { prepareAssets } from "./assets.ts";
import { containerBody } from "./container.ts";
import { hostOf } from "./crew.ts";
import { type Fleet, type FoundCommand, whatServes } from "./fleet.ts";
import { type Place, places, type ReleaseCommand, type ReleaseInputs, rolesOf } from "./inputs.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import { COMMAND } from "./plan-commands.ts";
import type { Work } from "./work.ts";

type Command = OperationOf<"command">;

/** How often the last line of its output is shown. */
const FOLLOW: Seconds = 1;

/**
 * Runs what must succeed before anything of the release starts, one command after the other. Each is a container that survives
 * us: a run that loses its connection, or is killed, finds it again and waits on.
 */
export async function runReleaseCommands(work: Work, plan: Plan, before: Fleet): Promise<void> {
  const { releaseCommand } = work.inputs;
  if (releaseCommand === undefined) return;
  const commands = only(plan, "command");
  if (commands.length === 0) return;
  const host = hostOf(work.crew, releaseCommand.host);
  await awaitOthers(work, releaseCommand, host, before, commands);
  for (const command of commands) await runOne(work, releaseCommand, host, command, before);
}

/** Two migrations at once are worse than a late one: what an earlier run left running may end first. */
async function awaitOthers(
  work: Work,
  wanted: ReleaseCommand,
  host: Host,
  before: Fleet,
  own: readonly Command[],
): Promise<void> {
  const found = before[host.name];
  const running = found?.reach === "reached" ? found.commands.filter(({ state }) => state === "running") : [];
  for (const other of running.filter(({ name }) => own.every(({ container }) => container !== name))) {
    work.run.report.status(`waiting for ${other.name}, which an earlier run started`);
    await ended(host, other, wanted.timeout, () => stillRuns(work, host, other.name, before));
  }
}

async function runOne(work: Work, wanted: ReleaseCommand, host: Host, command: Command, before: Fleet): Promise<void> {
  const id = await startOrFind(work, wanted, host, command);
  const said = setInterval(() => void tellProgress(work, host, command, id), FOLLOW * 1000);
  try {
    const { code } = await ended(host, { id }, wanted.timeout, () => tookTooLong(work, wanted, host, command, id, before));
    if (code !== 0) throw await failed(work, host, command, id, code, before);
  } finally {
    clearInterval(said);
  }
}

async function startOrFind(work: Work, wanted: ReleaseCommand, host: Host, command: Command): Promise<string> {
  const found = await host.docker.inspect(command.container);
  if (found !== undefined && found.state.status !== "created") return found.id;
  const { inputs } = work;
  // Docker would make the volume of assets itself, without the labels by which it is removed one day.
  await prepareAssets(work, placeOf(inputs, wanted, command.release), host);
  const { id } = found ?? (await host.docker.create(command.container, commandBody(inputs, wanted, command)));
  await host.docker.start(id);
  return id;
}

/** The container of its role, with another command, another name, no ports and no role: nobody may take it for one that serves. */
function commandBody(inputs: ReleaseInputs, wanted: ReleaseCommand, { command, release, index }: Command) {
  const body = containerBody(inputs, placeOf(inputs, wanted, release));
  const { role: _role, ...labels } = body.Labels ?? {};
  const { PortBindings: _ports, ...HostConfig } = body.HostConfig ?? {};
  return {
    ...body,
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

async function tellProgress({ run }: Work, host: Host, { command, container }: Command, id: string): Promise<void> {
  const [line] = await host.docker.lastLogs(id, 1).catch((thrown: unknown) => {
    if (thrown instanceof ConnectionLost) return [];
    return [messageOf(thrown)];
  });
  run.report.status(`${command.join(" ")}: ${line ?? `${container} runs`}`);
}

const NOTHING_STARTED = "nothing of the new release was started";

async function failed(work: Work, host: Host, command: Command, id: string, code: number, before: Fleet): Promise<SlipwayError> {
  const evidence = await lastLogs({ host, id, name: command.container });
  return story(work, host.name, before, {
    what: `the release command ${command.command.join(" ")} exited with code ${code}`,
    evidence,
    next: "fix what its output shows, then run pulumi up again: it runs once more",
  });
}

async function tookTooLong(work: Work, wanted: ReleaseCommand, host: Host, command: Command, id: string, before: Fleet) {
  const evidence = await lastLogs({ host, id, name: command.container });
  await host.docker.remove(id, { force: true, anonymousVolumes: true });
  return story(work, host.name, before, {
    what: `the release command ${command.command.join(" ")} was stopped after ${wanted.timeout} s`,
    evidence,
    next: "make it faster, or raise slipway:release.timeout, then run pulumi up again",
  });
}

const stillRuns = async (work: Work, host: Host, name: string, before: Fleet): Promise<SlipwayError> =>
  story(work, host.name, before, {
    what: `${name}, which an earlier run started, still runs`,
    evidence: await lastLogs({ host, id: name, name }),
    next: `wait for it, or stop it on ${host.name} (docker stop ${name}), then run pulumi up again`,
  });

const story = (
  { inputs }: Work,
  host: HostName,
  before: Fleet,
  told: { what: string; evidence: readonly string[]; next: string },
): SlipwayError => new SlipwayError({ ...told, host, servesNow: `${whatServes(before, rolesOf(inputs))}; ${NOTHING_STARTED}` });
