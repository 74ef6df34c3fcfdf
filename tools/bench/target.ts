import type { Seconds } from "../../core/words.ts";

/** One promise of the bench, and whether it held. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  readonly held: boolean;
}

/** No promise if there is no bound, or nothing was measured. */
export function within(what: string, value: Seconds | undefined, bound: Seconds | undefined): Target[] {
  if (value === undefined || bound === undefined) return [];
  return [{ what: `${what} ≤ ${places(bound)} s`, measured: `${value.toFixed(2)} s`, held: toHundredths(value) <= bound }];
}

/** As `within`, of something that is counted. */
export function atMost(what: string, value: number | undefined, bound: number, unit: string): Target[] {
  if (value === undefined) return [];
  return [{ what: `${what} ≤ ${bound} ${unit}`.trimEnd(), measured: `${round(value)} ${unit}`.trimEnd(), held: value <= bound }];
}

export const none = (what: string, count: number): Target => ({ what, measured: String(count), held: count === 0 });

export const plural = (hosts: number): string => (hosts === 1 ? "1 host" : `${hosts} hosts`);

/** A bound of 0.85 is not 0.9. */
const places = (bound: number): string => bound.toFixed(Number.isInteger(bound * 10) ? 1 : 2);
/** What is printed is what is compared. */
const toHundredths = (value: number): number => Math.round(value * 100) / 100;
const round = (value: number): number => Math.round(value * 10) / 10;
