import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { together } from "../../core/together.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { CandidateFailed, lastLogs } from "../container/candidate.ts";
import { exitFailure } from "../container/exit.ts";
import { type Candidate, checkOf } from "./candidate.ts";
import { timed } from "./timed.ts";

/** One bad answer is a hiccup. */
const FAILURES_IN_A_ROW = 3;
const INTERVAL: Milliseconds = 1000;

/**
 * StaleGuard at what has just been switched for `watch` seconds, while what it replaced still runs and could take over at once.
 * A container that exits, or fails its check again and again, ends the watch and the release.
 */
export const watchOver = timed("watch", async ({ inputs, run, undo: { proved } }) => {
  if (inputs.watch === 0 || proved.length === 0) return;
  const end = Deadline.in(inputs.watch);
  run.report.status(`watching ${proved.length} for ${inputs.watch} s`);
  await together(proved, (candidate, givenUp) => watchOne(candidate, end, inputs.watch, givenUp));
});

async function watchOne(candidate: Candidate, end: Deadline, watch: Seconds, givenUp: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const over = AbortSignal.any([settled.signal, givenUp]);
  const exited = candidate.host.docker.exited(candidate.id, over);
  exited.catch(() => {});
  try {
    const verdict = await Promise.race([exited, staysHealthy(candidate, end, watch, over)]);
    if (verdict !== "healthy" && !givenUp.aborted) throw await exitFailure(candidate, verdict.code);
  } finally {
    settled.abort();
  }
}

async function staysHealthy(candidate: Candidate, end: Deadline, watch: Seconds, over: AbortSignal): Promise<"healthy"> {
  const check = await checkOf(candidate, end);
  let failures = 0;
  while (!end.passed && !over.aborted) {
    await sleep(Math.min(INTERVAL, end.remaining), undefined, { signal: over }).catch(() => {});
    if (check === undefined || end.passed || over.aborted) continue;
    const { healthy, said, wrote = "" } = await check.probe();
    failures = healthy ? 0 : failures + 1;
    if (failures < FAILURES_IN_A_ROW || over.aborted) continue;
    const logs = await lastLogs(candidate);
    throw new CandidateFailed(candidate.host.name, `${candidate.name} became unhealthy in the ${watch} s after the switch`, [
      `${check.what}: ${said} × ${failures}`,
      ...(wrote === "" ? [] : [`  ${wrote}`]),
      ...logs.shown,
    ]);
  }
  return "healthy";
}
