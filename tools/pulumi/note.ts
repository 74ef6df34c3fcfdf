import type { Seconds } from "../../core/words.ts";

/** Tells the person what is going on, on stderr: stdout belongs to the command that was asked for. */
export const note = (line: string): void => console.error(`slipway: ${line}`);

/** Seconds since `start` (`performance.now()`), for a person: `3.1 s`. */
export const since = (start: number): string => told((performance.now() - start) / 1000);

const told = (seconds: Seconds): string => (seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`);
