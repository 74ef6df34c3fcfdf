import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { ContainerName, HostName, Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Container, type Host, KAMAL_PROXY, printable } from "../../hosts/index.ts";
import type { Place, Readiness, ReleaseInputs } from "./inputs.ts";

/** Apps that answer once and fall over are seen by the second answer. */
const CONSECUTIVE_SUCCESSES = 2;
const PROBE_INTERVAL: Milliseconds = 100;
const LOG_LINES = 20;

/** A container that is to serve, and does not yet. */
export interface Candidate {
  readonly place: Place;
  readonly host: Host;
  readonly id: string;
  readonly name: ContainerName;
}

/** Why a candidate will not serve, with the proof. */
export class CandidateFailed extends Error {
  override readonly name: string = "CandidateFailed";
  readonly host: HostName;
  readonly evidence: readonly string[];

  constructor(host: HostName, what: string, evidence: readonly string[]) {
    super(what);
    this.host = host;
    this.evidence = evidence;
  }
}

/** Settles when the candidate may serve; rejects at once when it exits, and with its last probe when the deadline comes. */
export async function prove(
  candidate: Candidate,
  inputs: ReleaseInputs,
  saw: (what: string) => void,
  givenUp: AbortSignal,
): Promise<void> {
  const settled = new AbortController();
  const over = AbortSignal.any([settled.signal, givenUp]);
  const exited = candidate.host.docker.exited(candidate.id, over);
  // The loser of the race below is aborted, and nobody listens to it any more.
  exited.catch(() => {});
  try {
    const verdict = await Promise.race([exited, awaitReady(candidate, inputs, over, saw).then(() => "ready" as const)]);
    givenUp.throwIfAborted();
    if (verdict !== "ready") throw await exitStory(candidate, verdict.code);
  } finally {
    settled.abort();
  }
}

async function awaitReady(
  candidate: Candidate,
  inputs: ReleaseInputs,
  over: AbortSignal,
  saw: (what: string) => void,
): Promise<void> {
  const { ready } = candidate.place.spec;
  const deadline = Deadline.in(inputs.deployTimeout);
  const check = await checkOf(candidate, ready, deadline);
  if (check === undefined) return stayUp(ready.by === "docker" ? ready.delay : 0, over, saw);
  await awaitChecks(candidate, check, { deadline, given: inputs.deployTimeout }, over, saw);
}

/** One look at whether a container can do its work. */
export interface Check {
  /** What is asked, for people: `/up on port 3000`. */
  readonly what: string;
  readonly interval: Milliseconds;
  readonly look: () => Promise<Answer>;
}

export interface Answer {
  readonly healthy: boolean;
  /** How it went: `503`, `connection refused`, `exit code 1`. */
  readonly said: string;
  /** The last line that a command wrote. */
  readonly wrote?: string;
}

/** The check of a candidate; `undefined` where neither its role nor its image has one. HTTP is asked through the SSH connection: no port is opened for it and no proxy is in between. */
export async function checkOf(candidate: Candidate, ready: Readiness, deadline: Deadline): Promise<Check | undefined> {
  if (ready.by === "command") return commandCheck(candidate, ready);
  if (ready.by === "docker") return (await inspect(candidate)).state.health && dockerCheck(candidate);
  const { spec } = candidate.place;
  const http =
    ready.by === "http"
      ? ready
      : spec.proxy && { ...spec.proxy.healthcheck, port: spec.proxy.healthcheck.port ?? spec.proxy.appPort };
  const address = (await inspect(candidate)).addresses[KAMAL_PROXY.network];
  if (address === undefined || http === undefined) throw await exitStory(candidate);
  const { path, port, host, timeout } = http;
  const target = { address, port, path, ...(host === undefined ? {} : { host }) };
  return {
    what: `${path} on port ${port}`,
    interval: PROBE_INTERVAL,
    look: () =>
      candidate.host
        .probe(target, Math.min(timeout, Math.max(deadline.remaining / 1000, 0.1)))
        .then(({ status }) => ({ said: String(status), healthy: status >= 200 && status < 300 }))
        .catch(unhealthy),
  };
}

function commandCheck({ host, id }: Candidate, { command, interval, timeout }: Extract<Readiness, { by: "command" }>): Check {
  return {
    what: command.join(" "),
    interval: interval * 1000,
    look: () =>
      host.docker
        .exec(id, command, { deadline: Deadline.in(timeout) })
        .then(({ code, stdout, stderr }) => ({
          said: `exit code ${code}`,
          healthy: code === 0,
          wrote: lastLine(`${stdout}\n${stderr}`),
        }))
        .catch(unhealthy),
  };
}

/** The image's own HEALTHCHECK, which Docker runs. */
const dockerCheck = (candidate: Candidate): Check => ({
  what: "its Docker health check",
  interval: PROBE_INTERVAL,
  look: async () => {
    const { health, healthOutput } = (await inspect(candidate)).state;
    return { said: health ?? "starting", healthy: health === "healthy", wrote: lastLine(healthOutput) };
  },
});

const lastLine = (output: string): string =>
  output
    .split("\n")
    .map((line) => printable(line).trim())
    .findLast((line) => line !== "") ?? "";

function unhealthy(thrown: unknown): Answer {
  if (thrown instanceof ConnectionLost) throw thrown;
  return { said: messageOf(thrown), healthy: false };
}

async function awaitChecks(
  candidate: Candidate,
  check: Check,
  { deadline, given }: { deadline: Deadline; given: Seconds },
  over: AbortSignal,
  saw: (what: string) => void,
): Promise<void> {
  const probes = new Probes();
  while (!over.aborted) {
    const answer = await check.look();
    if (over.aborted) return;
    if (probes.note(answer) >= CONSECUTIVE_SUCCESSES) return;
    saw(probes.toString());
    if (deadline.passed) throw await unhealthyStory(candidate, given, probes.evidence(check));
    await sleep(check.interval, undefined, { signal: over }).catch(() => {});
  }
}

/** What the probes saw: equal answers in a row are counted, not repeated. */
class Probes {
  readonly #start = performance.now();
  #last = "";
  #times = 0;
  #successes = 0;
  #wrote = "";

  /** Gives the number of successes in a row. */
  note({ said, healthy, wrote = "" }: Answer): number {
    this.#wrote = wrote;
    this.#times = said === this.#last ? this.#times + 1 : 1;
    this.#last = said;
    this.#successes = healthy ? this.#successes + 1 : 0;
    return this.#successes;
  }

  /** What was asked, how it answered, and what it wrote. */
  evidence({ what }: Check): string[] {
    return [`${what}: ${this}`, ...(this.#wrote === "" ? [] : [`  ${this.#wrote}`])];
  }

  /** `503 × 4, 1.2 s` */
  toString(): string {
    return `${this.#last} × ${this.#times}, ${((performance.now() - this.#start) / 1000).toFixed(1)} s`;
  }
}

/** Without any check, a container has to stay up for a while. */
async function stayUp(delay: Seconds, over: AbortSignal, saw: (what: string) => void): Promise<void> {
  saw(`stays up for ${delay} s`);
  await sleep(delay * 1000, undefined, { signal: over }).catch(() => {});
}

async function inspect({ host, id, name }: Candidate): Promise<Container> {
  const container = await host.docker.inspect(id);
  if (container === undefined) throw new CandidateFailed(host.name, `${name} was removed by somebody while it booted`, []);
  return container;
}

/** SIGKILL: from the kernel when memory ran out, or from somebody. */
const KILLED = 137;
/** Docker hears of the exit and of its reason apart, and sometimes of the reason last. */
const REASON: Seconds = 2;

/** The container after its end, with the reason of a kill if there comes one. */
async function inspectEnded(candidate: Candidate): Promise<Container> {
  const told = async () => {
    const container = await inspect(candidate);
    return container.state.oomKilled || container.state.exitCode !== KILLED ? container : undefined;
  };
  const nobodySaid = new Error("no reason was told");
  return Deadline.in(REASON)
    .until(told, () => nobodySaid)
    .catch((thrown: unknown) => {
      if (thrown !== nobodySaid) throw thrown;
      return inspect(candidate);
    });
}

/** @param code of its end, where Docker may have started it again since */
export async function exitStory(candidate: Candidate, code?: number): Promise<CandidateFailed> {
  const { state, memoryLimit } = await inspectEnded(candidate);
  const megabytes = Math.round(memoryLimit / 1024 / 1024);
  const limit = memoryLimit === 0 ? undefined : `its limit of ${megabytes} MB`;
  const what = describeEnd({ ...state, exitCode: state.running ? (code ?? state.exitCode) : state.exitCode }, limit);
  return new CandidateFailed(candidate.host.name, what, [...(state.error ? [state.error] : []), ...(await lastLogs(candidate))]);
}

function describeEnd({ oomKilled, exitCode, ...state }: Container["state"], limit: string | undefined): string {
  // Docker notes the start of a container that exits at once after its end.
  const lived = Math.max(0, (Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000).toFixed(1);
  const after = state.running ? "and Docker started it again" : `${lived} s after its start`;
  if (oomKilled) return `the container was killed for memory, ${after}: it wanted more than ${limit ?? "the memory of the host"}`;
  // A kernel that ends a container in its first milliseconds can be too quick for Docker to hear why.
  if (exitCode === KILLED && limit !== undefined)
    return `the container was killed (code ${KILLED}), ${after}, perhaps for memory: see ${limit}`;
  return `the container exited with code ${exitCode}, ${after}`;
}

async function unhealthyStory(candidate: Candidate, timeout: Seconds, answers: readonly string[]): Promise<CandidateFailed> {
  return new CandidateFailed(candidate.host.name, `the container did not become healthy within ${timeout} s`, [
    ...answers,
    ...(await lastLogs(candidate)),
  ]);
}

/** The end of a container's output, as evidence. */
export async function lastLogs({ host, id, name }: Pick<Candidate, "host" | "id" | "name">): Promise<string[]> {
  const lines = await host.docker.logs(id, LOG_LINES);
  return lines.length === 0 ? [`${name} wrote no log`] : [`last log lines of ${name}:`, ...lines.map((line) => `  ${line}`)];
}
