import type { Seconds } from "../../core/words.ts";

/** Prints progress on stderr; stdout is for the output of the command. */
export const note = (line: string): void => console.error(`slipway: ${line}`);

/** Time since `start` (`performance.now()`) as text: `3.1 s`. */
export const since = (start: number): string => asText((performance.now() - start) / 1000);

const asText = (seconds: Seconds): string => (seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`);
