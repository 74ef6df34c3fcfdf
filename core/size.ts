import type { Bytes } from "./words.ts";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** @example sizeText(41_200_000) // "41 MB" */
export function sizeText(bytes: Bytes): string {
  const at = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** at;
  return `${at === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[at]}`;
}
