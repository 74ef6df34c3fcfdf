import type { Bytes, Seconds } from "../../core/words.ts";

const UNITS: readonly (readonly [seconds: Seconds, unit: string])[] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** `35 s`, `14 min`, `2 h 14 min`, `3 d`: two units at most, the second only for hours. */
export function duration(seconds: Seconds): string {
  const at = UNITS.findIndex(([length]) => seconds >= length);
  const [length, unit] = UNITS[at] ?? [1, "s"];
  const whole = Math.floor(seconds / length);
  const [below, belowUnit] = UNITS[at + 1] ?? [1, "s"];
  const rest = Math.floor((seconds - whole * length) / below);
  return unit === "h" && rest > 0 ? `${whole} h ${rest} ${belowUnit}` : `${whole} ${unit}`;
}

/** Time since `start` (`performance.now()`): `3.1 s`, `186 s`. */
export function since(start: number): string {
  const seconds = (performance.now() - start) / 1000;
  return `${seconds.toFixed(seconds < 100 ? 1 : 0)} s`;
}

/** `4.1 GB` */
export function bytes(size: Bytes): string {
  const steps = ["B", "kB", "MB", "GB", "TB"];
  const at = Math.min(steps.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const value = size / 1000 ** at;
  return `${value >= 100 || at === 0 ? Math.round(value) : value.toFixed(1)} ${steps[at]}`;
}

const LENGTHS: Readonly<Record<string, Seconds>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `10m` before now, or an absolute time, as RFC 3339; `undefined` if it is neither. */
export function moment(text: string, now: Date): string | undefined {
  const [, amount, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const at = amount === undefined ? absolute(text) : now.getTime() - Number(amount) * (LENGTHS[unit] ?? 0) * 1000;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

const absolute = (text: string): number =>
  /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?$/.test(text) ? Date.parse(text) : Number.NaN;
