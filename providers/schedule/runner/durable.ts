import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Has a file, or the names in a folder, on the disk. */
export async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

/** Writes a file into a folder, for its owner alone: it is there as a whole, and on the disk, or as it was before. */
export async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `.${name}`);
  await writeFile(partial, text, { mode: 0o600, flush: true });
  await rename(partial, join(folder, name));
  await flush(folder);
}
