import { messageOf } from "../../../core/error.ts";
import { type Cell, runCell, type Verdict } from "./cell.ts";
import type { Stage } from "./stage.ts";

/**
 * Runs the cells one after the other. Every cell meets the same hosts: for a release one
 * version live, the one before it retired, and nothing else.
 * What one leaves broken is rebuilt, so that it is reported once and not by all that follow; and none stops the run.
 */
export async function runCells(stage: Stage, cells: readonly Cell[], report: (verdict: Verdict) => void): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let isReady = true;
  for (const cell of cells) {
    const verdict = await attempt(stage, cell, isReady);
    verdicts.push(verdict);
    report(verdict);
    isReady = verdict.problems.length === 0 && (await isSettled(stage));
  }
  return verdicts;
}

/** Whatever keeps the rig from looking is a reason to rebuild. */
const isSettled = (stage: Stage): Promise<boolean> =>
  stage.settle().then(
    (odd) => odd.length === 0,
    () => false,
  );

async function attempt(stage: Stage, cell: Cell, isReady: boolean): Promise<Verdict> {
  try {
    if (!isReady) await stage.rebuild();
    return await runCell(stage, cell);
  } catch (thrown) {
    const text = `the rig itself failed: ${messageOf(thrown)}`;
    return { cell, ending: { how: "broken", text }, problems: [text], requests: 0, lost: 0, out: 0, seconds: 0 };
  }
}
