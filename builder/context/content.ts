import { createHash } from "node:crypto";

/** The files of a context: path with `/` → what decides them, as `entry.ts` writes it. In no order. */
export type Entries = ReadonlyMap<string, string>;

/** What an image is built from. */
export interface Content {
  /** The same for the same files, on every machine. */
  readonly hash: string;
  readonly entries: Entries;
}

/** In one form on every machine; users and times are no part of it. */
export function contentOf(entries: Entries): Content {
  const lines = [...entries.keys()].sort().map((path) => `${path}\0${entries.get(path)}\n`);
  return { hash: createHash("sha256").update(lines.join("")).digest("hex"), entries };
}

/** The paths that differ between two contents, sorted. */
export function changedPaths(before: Entries, now: Entries): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path)).sort();
}
