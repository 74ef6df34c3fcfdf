import { drillFileOf, parseName } from "./backup-name.ts";
import type { BackupStore, StoredFile } from "./backup-store.ts";

/** The files to remove so that the newest `keep` backups remain; files that are not backups are never among them. Pure. */
export function outdated(files: readonly StoredFile[], keep: number): string[] {
  const ids = files.flatMap(({ file }) => parseName(file)?.id ?? []);
  const old = new Set([...new Set(ids)].sort().reverse().slice(keep));
  const drills = new Set([...old].map(drillFileOf));
  return files.map(({ file }) => file).filter((file) => drills.has(file) || old.has(parseName(file)?.id ?? ""));
}

/** Removes the oldest backups. */
export async function prune(store: BackupStore, keep: number): Promise<string[]> {
  const files = outdated(await store.list(), keep);
  for (const file of files) await store.remove(file);
  return files;
}
