import { drillFileOf, idAt, momentOf, parseName } from "./backup-name.ts";
import type { BackupStore, StoredFile } from "./backup-store.ts";

/**
 * The id of a backup that begins now. It follows the newest one that is stored, even where that has a time of the future: a clock that was
 * ahead must not make each later backup the oldest. Pure.
 *
 * @returns `ahead`: how many of the stored ones are of the future
 */
export function nextId(files: readonly StoredFile[], now: Date): { readonly id: string; readonly ahead: number } {
  const id = idAt(now);
  const future = [...new Set(idsOf(files))].filter((stored) => stored >= id).sort();
  const newest = future.at(-1);
  if (newest === undefined) return { id, ahead: 0 };
  return { id: idAt(new Date(momentOf(newest).getTime() + 1)), ahead: future.length };
}

/**
 * The files to remove so that the newest `keep` backups remain, among them `stored`, which this run has stored; files that are not backups
 * are never among them. Pure.
 */
export function outdated(files: readonly StoredFile[], keep: number, stored: string): string[] {
  const others = [...new Set(idsOf(files))]
    .filter((id) => id !== stored)
    .sort()
    .reverse();
  const old = new Set(others.slice(Math.max(0, keep - 1)));
  const drills = new Set([...old].map(drillFileOf));
  return files.map(({ file }) => file).filter((file) => drills.has(file) || old.has(parseName(file)?.id ?? ""));
}

const idsOf = (files: readonly StoredFile[]): string[] => files.flatMap(({ file }) => parseName(file)?.id ?? []);

/** Removes the oldest backups; `stored` is the one of this run. */
export async function prune(store: BackupStore, keep: number, stored: string): Promise<string[]> {
  const files = outdated(await store.list(), keep, stored);
  for (const file of files) await store.remove(file);
  return files;
}
