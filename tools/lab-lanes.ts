import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Milliseconds } from "../core/words.ts";

/** Of a process. Measured: 1.2 ms on a quiet virtual machine, 5 to 19 ms on one whose memory is slow. */
const QUICK_START: Milliseconds = 4;

/** How many were chosen, for the processes of one run: measured again beside the others, a start takes longer. */
export const LAB_FILES_VARIABLE = "SLIPWAY_LAB_FILES";

/**
 * Two files at once, each on hosts of its own: a test waits more than it works. Two cores that start processes slowly are busy with one
 * file and its hosts: with a second one, tests that measure moments fail.
 */
export function labFilesAtOnce(): number {
  const chosen = Number(process.env[LAB_FILES_VARIABLE]);
  if (chosen === 1 || chosen === 2) return chosen;
  if (availableParallelism() > 2) return 2;
  const times = Array.from({ length: 9 }, () => {
    const began = performance.now();
    spawnSync("true");
    return performance.now() - began;
  });
  const median = times.sort((a, b) => a - b)[4] ?? Number.POSITIVE_INFINITY;
  return median < QUICK_START ? 2 : 1;
}
