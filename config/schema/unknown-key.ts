import { closest, distance } from "fastest-levenshtein";

export const LATER = "not supported yet";

/** Known keys that are not allowed here, with the reason. */
export type Absent = Readonly<Record<string, string>>;

/** Why a key is refused: `unknown key; did you mean app_port?` */
export function unknownKey(key: string, known: readonly string[], absent: Absent): string {
  if (Object.hasOwn(absent, key)) return absent[key] ?? LATER;
  const nearest = closest(key, known);
  return isNear(key, nearest) ? `unknown key; did you mean ${nearest}?` : "unknown key";
}

/** A suggestion for the end of a sentence: `did you mean db?`, else `available: db, cache`. */
export function orNearest(name: string, known: readonly string[]): string {
  const nearest = known.length === 0 ? "" : closest(name, known);
  if (nearest !== "" && isNear(name, nearest)) return `did you mean ${nearest}?`;
  return `available: ${known.join(", ") || "none"}`;
}

const isNear = (written: string, nearest: string): boolean => distance(written, nearest) <= Math.max(2, written.length / 2);
