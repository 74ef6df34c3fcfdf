import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { type Candidate, CandidateFailed, lastLogs } from "./candidate.ts";
import { READING, readMore } from "./cause/read.ts";
import type { Seen } from "./cause/seen.ts";
import type { Answer, Check } from "./check.ts";
import { exitFailure } from "./exit.ts";
import { listeningText, whatListens } from "./listening.ts";
import { ProbeHistory } from "./probe-history.ts";

/** How a candidate is proved healthy. */
export interface Proof {
  /** `undefined` if there is nothing to probe: then the container must stay up for `delay`. */
  readonly check: (deadline: Deadline) => Promise<Check | undefined>;
  readonly delay: Seconds;
  /** How long it may take. */
  readonly timeout: Seconds;
  /** The key of the config that says so: `slipway:deploy_timeout`. */
  readonly limit: string;
  /** Host names of its requests, one of which its check may need. */
  readonly names?: readonly string[];
}

/** Resolves when the candidate may serve; rejects at once when it exits, and with the last probe at the deadline. */
export async function prove(
  candidate: Candidate,
  proof: Proof,
  saw: (what: string) => void,
  givenUp: AbortSignal,
): Promise<void> {
  const settled = new AbortController();
  const over = AbortSignal.any([settled.signal, givenUp]);
  const exited = candidate.host.docker.exited(candidate.id, over);
  // If it loses the race below it is aborted, and its rejection must not go unhandled.
  exited.catch(() => {});
  try {
    const verdict = await Promise.race([exited, awaitReady(candidate, proof, over, saw).then(() => "ready" as const)]);
    givenUp.throwIfAborted();
    if (verdict !== "ready") throw await readMore(candidate, await exitFailure(candidate, verdict.code));
  } finally {
    settled.abort();
  }
}

async function awaitReady(candidate: Candidate, proof: Proof, over: AbortSignal, saw: (what: string) => void): Promise<void> {
  const deadline = Deadline.in(proof.timeout);
  const check = await proof.check(deadline);
  if (check === undefined) return stayUp(proof.delay, over, saw);
  await awaitChecks(candidate, check, { deadline, proof }, over, saw);
}

async function awaitChecks(
  candidate: Candidate,
  check: Check,
  { deadline, proof }: { deadline: Deadline; proof: Proof },
  over: AbortSignal,
  saw: (what: string) => void,
): Promise<void> {
  const probes = new ProbeHistory();
  // Docker's first result may come later than the deadline; until then it is no failure.
  const given = proof.timeout;
  const patience = Math.max(given, check.mayTake ?? 0);
  const latest = Deadline.in(patience);
  while (!over.aborted) {
    const next = performance.now() + check.interval;
    const answer = await check.probe();
    if (over.aborted) return;
    if (probes.note(answer) >= check.enough) return;
    saw(probes.toString());
    if (answer.pending === true ? latest.passed : deadline.passed)
      throw await unhealthyFailure(
        candidate,
        { ...proof, timeout: answer.pending === true ? patience : given },
        probes.evidence(check),
        check,
        answer,
      );
    // Counted from the beginning of a probe, which takes long over a long line, and where a host or this machine is busy: they get a pause.
    const pause = Math.max(check.interval / 4, next - performance.now());
    await sleep(pause, undefined, { signal: over }).catch(() => {});
  }
}

/** Without any check, a container has to stay up for a while. */
async function stayUp(delay: Seconds, over: AbortSignal, saw: (what: string) => void): Promise<void> {
  saw(`stays up for ${delay} s`);
  await sleep(delay * 1000, undefined, { signal: over }).catch(() => {});
}

async function unhealthyFailure(
  candidate: Candidate,
  proof: Pick<Proof, "limit" | "timeout" | "names">,
  answers: readonly string[],
  check: Check,
  last: Answer,
): Promise<CandidateFailed> {
  const [sockets, logs] = await Promise.all([whatListens(candidate, check, last, Deadline.in(READING)), lastLogs(candidate)]);
  const listening = sockets === undefined || check.port === undefined ? [] : [listeningText(sockets, check.port)];
  const what = `the container did not become healthy within ${proof.timeout} s`;
  const failed = new CandidateFailed(candidate.host.name, what, [...answers, ...listening, ...logs.shown], {
    remedy: { words: nextAfterTimeout(check.next?.(last), proof) },
    container: candidate.name,
    seen: { lines: logs.lines, sockets, asked: askedIn(check, last) },
  });
  return readMore(candidate, failed, check.target, proof.names);
}

function askedIn({ port, target }: Check, { said, location }: Answer): Seen["asked"] {
  if (port === undefined) return undefined;
  const { path = "", host } = target ?? {};
  return { port, path, host, said, location };
}

/** Pure. @param known what to do about the last answer */
export const nextAfterTimeout = (
  known = "fix what the evidence shows",
  { limit, timeout }: Pick<Proof, "limit" | "timeout">,
): string => `${known}; or raise ${limit} (${timeout} s) if it only needs longer to boot`;
