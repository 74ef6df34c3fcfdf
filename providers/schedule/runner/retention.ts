import { drillFileOf, parseName } from "./backup-name.ts";
import type { Place, StoredFile } from "./backup-store.ts";

/** The files that go when the newest `keep` backups stay; files of others never do. Pure. */
export function outdated(files: readonly StoredFile[], keep: number): string[] {
  const ids = files.flatMap(({ file }) => parseName(file)?.id ?? []);
  const old = new Set([...new Set(ids)].sort().reverse().slice(keep));
  const drills = new Set([...old].map(drillFileOf));
  return files.map(({ file }) => file).filter((file) => drills.has(file) || old.has(parseName(file)?.id ?? ""));
}

/** Takes the oldest away. */
export async function prune(place: Place, keep: number): Promise<string[]> {
  const files = outdated(await place.list(), keep);
  for (const file of files) await place.remove(file);
  return files;
}
