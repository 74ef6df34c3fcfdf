import { createHash } from "node:crypto";

/** The files of a context: path with `/` → what decides them, as `entry.ts` writes it. Sorted by path. */
export type Entries = ReadonlyMap<string, string>;

/** What an image is built from. */
export interface Content {
  /** The same for the same files, on every machine. */
  readonly hash: string;
  readonly entries: Entries;
}

/** In one form on every machine; modes of users and times are no part of it. */
export function contentOf(entries: Entries): Content {
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  const hash = createHash("sha256");
  for (const [path, entry] of sorted) hash.update(`${path}\0${entry}\n`);
  return { hash: hash.digest("hex"), entries: sorted };
}

/** The paths that differ between two contents, sorted. */
export function changedPaths(before: Entries, now: Entries): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path)).sort();
}
