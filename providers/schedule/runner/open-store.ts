import { join } from "node:path";
import type { BackupSpec } from "./backup-spec.ts";
import type { Place } from "./backup-store.ts";

/** @param folder where the host's folder is mounted */
export async function placeOf({ name, s3 }: BackupSpec, folder: string): Promise<Place> {
  // What a backup does not need is not in its container.
  if (s3 !== undefined) return new (await import("./bucket.ts")).Bucket(s3, name);
  return new (await import("./folder.ts")).Folder(join(folder, name));
}
