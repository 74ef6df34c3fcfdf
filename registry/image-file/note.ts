import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { FileImage } from "../../core/file-image.ts";
import { parseJson } from "../../core/text.ts";
import type { ImageStore } from "../store/store.ts";

/** What was last read from a file. */
const Note = z.object({ mark: z.string(), digest: z.string() });

/** A file that was changed this shortly before it was read may be changed again without a new time. */
const GRAIN_NS = 100_000_000n;

/**
 * What a file is recognized by, so that it is not read again: its size, its times and its number. Of an OCI layout, the content of its
 * index, which names all the rest by digests. `undefined`: it has changed just now, or is missing.
 */
export async function markOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return isSettled(found) ? marksOf(found) : undefined;
  const index = await readFile(join(path, "index.json")).catch(() => undefined);
  if (index === undefined) return undefined;
  return `index ${createHash("sha256").update(index).digest("hex")}`;
}

const isSettled = ({ mtimeNs, ctimeNs }: BigIntStats): boolean => {
  const now = BigInt(Date.now()) * 1_000_000n;
  return now - mtimeNs > GRAIN_NS && now - ctimeNs > GRAIN_NS;
};

const marksOf = ({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string =>
  ["file", size, mtimeNs, ctimeNs, ino, dev].join(" ");

const nameOf = (path: string, { name }: FileImage): string =>
  `${createHash("sha256")
    .update(JSON.stringify([path, name ?? null]))
    .digest("hex")}.json`;

/** The image that a file was read as, if it has not changed since. */
export async function notedIn(store: ImageStore, path: string, image: FileImage): Promise<string | undefined> {
  const text = (await store.noted(nameOf(path, image))) ?? "";
  const note = Note.safeParse(parseJson(text));
  if (!note.success) return undefined;
  const mark = await markOf(path);
  return mark !== undefined && mark === note.data.mark ? note.data.digest : undefined;
}

export const note = (store: ImageStore, path: string, image: FileImage, mark: string, digest: string): Promise<void> =>
  store.note(nameOf(path, image), JSON.stringify({ mark, digest }));
