import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import type { ContainerName, HostName, Milliseconds, Seconds } from "../../core/words.ts";
import type { Container, Host } from "../../hosts/index.ts";

/** Apps that answer once and fall over are seen by the second answer. */
const CONSECUTIVE_SUCCESSES = 2;
const LOG_LINES = 20;

/** A container that is to serve, and does not yet. */
export interface Candidate {
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

/** How a candidate is to prove itself. */
export interface Proof {
  /** `undefined` where there is nothing to ask: then it must stay up for `delay`. */
  readonly check: (deadline: Deadline) => Promise<Check | undefined>;
  readonly delay: Seconds;
  /** What it may take. */
  readonly timeout: Seconds;
}

/** Settles when the candidate may serve; rejects at once when it exits, and with its last probe when the deadline comes. */
export async function prove(
  candidate: Candidate,
  proof: Proof,
  saw: (what: string) => void,
  givenUp: AbortSignal,
): Promise<void> {
  const settled = new AbortController();
  const over = AbortSignal.any([settled.signal, givenUp]);
  const exited = candidate.host.docker.exited(candidate.id, over);
  // The loser of the race below is aborted, and nobody listens to it any more.
  exited.catch(() => {});
  try {
    const verdict = await Promise.race([exited, awaitReady(candidate, proof, over, saw).then(() => "ready" as const)]);
    givenUp.throwIfAborted();
    if (verdict !== "ready") throw await exitStory(candidate, verdict.code);
  } finally {
    settled.abort();
  }
}

async function awaitReady(
  candidate: Candidate,
  { check: checkOf, delay, timeout }: Proof,
  over: AbortSignal,
  saw: (what: string) => void,
): Promise<void> {
  const deadline = Deadline.in(timeout);
  const check = await checkOf(deadline);
  if (check === undefined) return stayUp(delay, over, saw);
  await awaitChecks(candidate, check, { deadline, given: timeout }, over, saw);
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

/** The container as it is now. */
export async function inspect({ host, id, name }: Candidate): Promise<Container> {
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
export async function lastLogs({ host, id, name }: Candidate): Promise<string[]> {
  const lines = await host.docker.lastLogs(id, LOG_LINES);
  return lines.length === 0 ? [`${name} wrote no log`] : [`last log lines of ${name}:`, ...lines.map((line) => `  ${line}`)];
}
