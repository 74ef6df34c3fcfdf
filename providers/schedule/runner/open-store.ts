import { join } from "node:path";
import type { BackupSpec } from "./backup-spec.ts";
import type { BackupStore } from "./backup-store.ts";

/** @param folder where the host's folder is mounted */
export async function openStore({ name, s3 }: BackupSpec, folder: string): Promise<BackupStore> {
  // The container of a backup holds only the packages that it needs.
  if (s3 !== undefined) return new (await import("./bucket.ts")).Bucket(s3, name);
  return new (await import("./folder.ts")).Folder(join(folder, name));
}
