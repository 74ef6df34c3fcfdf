import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { ContainerName, HostName, Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Container, type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import type { Place, ReleaseInputs } from "./inputs.ts";

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
  const exited = candidate.host.docker.exited(candidate.id, over).then(() => "exited" as const);
  // The loser of the race below is aborted, and nobody listens to it any more.
  exited.catch(() => {});
  try {
    const verdict = await Promise.race([exited, awaitReady(candidate, inputs, over, saw).then(() => "ready" as const)]);
    givenUp.throwIfAborted();
    if (verdict === "exited") throw await exitStory(candidate);
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
  const container = await inspect(candidate);
  if (candidate.place.spec.proxy !== undefined) return awaitAnswers(candidate, container, inputs, over, saw);
  if (container.state.health !== undefined) return awaitDockerHealth(candidate, inputs, over, saw);
  saw(`stays up for ${inputs.readinessDelay} s`);
  await sleep(inputs.readinessDelay * 1000, undefined, { signal: over }).catch(() => {});
}

/** Asks the app itself, through the SSH connection: no port is opened for it and no proxy is in between. */
async function awaitAnswers(
  candidate: Candidate,
  container: Container,
  inputs: ReleaseInputs,
  over: AbortSignal,
  saw: (what: string) => void,
): Promise<void> {
  const { host, place } = candidate;
  const address = container.addresses[KAMAL_PROXY.network];
  const check = place.spec.proxy?.healthcheck;
  if (address === undefined || check === undefined) throw await exitStory(candidate);
  const port = check.port ?? place.spec.proxy?.appPort ?? 80;
  const target = { address, port, path: check.path, ...(check.host === undefined ? {} : { host: check.host }) };
  const deadline = Deadline.in(inputs.deployTimeout);
  const probes = new Probes();
  while (!over.aborted) {
    const answer = await host
      .probe(target, Math.min(check.timeout, Math.max(deadline.remaining / 1000, 0.1)))
      .then(({ status, ms }) => ({ status: String(status), ms, healthy: status >= 200 && status < 300 }))
      .catch((thrown: unknown) => {
        if (thrown instanceof ConnectionLost) throw thrown;
        return { status: messageOf(thrown), ms: undefined, healthy: false };
      });
    if (over.aborted) return;
    if (probes.note(answer) >= CONSECUTIVE_SUCCESSES) return;
    saw(probes.toString());
    if (deadline.passed)
      throw await unhealthyStory(candidate, `${check.path} on port ${port}`, inputs.deployTimeout, probes.toString());
    await sleep(PROBE_INTERVAL);
  }
}

/** What the probes saw: equal answers in a row are counted, not repeated. */
class Probes {
  readonly #start = performance.now();
  #last = "";
  #times = 0;
  #successes = 0;

  /** Gives the number of successes in a row. */
  note({ status, healthy }: { status: string; healthy: boolean }): number {
    this.#times = status === this.#last ? this.#times + 1 : 1;
    this.#last = status;
    this.#successes = healthy ? this.#successes + 1 : 0;
    return this.#successes;
  }

  /** `503 × 4, 1.2 s` */
  toString(): string {
    return `${this.#last} × ${this.#times}, ${((performance.now() - this.#start) / 1000).toFixed(1)} s`;
  }
}

async function awaitDockerHealth(
  candidate: Candidate,
  inputs: ReleaseInputs,
  over: AbortSignal,
  saw: (what: string) => void,
): Promise<void> {
  let last = "starting";
  await Deadline.in(inputs.deployTimeout)
    .until(
      async () => {
        last = (await inspect(candidate)).state.health ?? "starting";
        saw(last);
        return last === "healthy" || over.aborted ? true : undefined;
      },
      () => new Error(last),
    )
    .catch(async (thrown: unknown) => {
      if (thrown instanceof ConnectionLost) throw thrown;
      throw await unhealthyStory(candidate, "its Docker health check", inputs.deployTimeout, last);
    });
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

async function exitStory(candidate: Candidate): Promise<CandidateFailed> {
  const { state, memoryLimit } = await inspectEnded(candidate);
  // Docker notes the start of a container that exits at once after its end.
  const after = Math.max(0, (Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000).toFixed(1);
  const megabytes = Math.round(memoryLimit / 1024 / 1024);
  const what = describeEnd(state, memoryLimit === 0 ? undefined : `its limit of ${megabytes} MB`, `${after} s after its start`);
  return new CandidateFailed(candidate.host.name, what, [...(state.error ? [state.error] : []), ...(await lastLogs(candidate))]);
}

function describeEnd({ oomKilled, exitCode }: Container["state"], limit: string | undefined, after: string): string {
  if (oomKilled) return `the container was killed for memory, ${after}: it wanted more than ${limit ?? "the memory of the host"}`;
  // A kernel that ends a container in its first milliseconds can be too quick for Docker to hear why.
  if (exitCode === KILLED && limit !== undefined)
    return `the container was killed (code ${KILLED}), ${after}, perhaps for memory: see ${limit}`;
  return `the container exited with code ${exitCode}, ${after}`;
}

async function unhealthyStory(candidate: Candidate, check: string, timeout: Seconds, probes: string): Promise<CandidateFailed> {
  return new CandidateFailed(candidate.host.name, `the container did not become healthy within ${timeout} s`, [
    `${check}: ${probes}`,
    ...(await lastLogs(candidate)),
  ]);
}

async function lastLogs({ host, id, name }: Candidate): Promise<string[]> {
  const lines = await host.docker.logs(id, LOG_LINES);
  return lines.length === 0 ? [`${name} wrote no log`] : [`last log lines of ${name}:`, ...lines.map((line) => `  ${line}`)];
}
