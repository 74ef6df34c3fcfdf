import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../../core/cache-folder.ts";
import { parseJson } from "../../../core/text.ts";
import { isMap } from "../../../core/values.ts";
import { putFile } from "../../stack/replace-file.ts";

/** What a stack is declared from. */
export interface Declared {
  /** Its name: on the command line it may be left out. */
  readonly stack: string;
  /** See `declarationHash`. */
  readonly hash: string;
}

/** One file for each project and stack as it is given on the command line; `undefined` is the selected one. */
export const memoryFile = (root: string, given: string | undefined): string =>
  join(
    cacheFolder(),
    "declared",
    `${createHash("sha256")
      .update(JSON.stringify([root, given ?? null]))
      .digest("hex")}.json`,
  );

/**
 * What the state was declared from when this operator last saw it. Read by hand: this is read before anything is started, and zod takes
 * longer to load.
 */
export async function remembered(root: string, given: string | undefined): Promise<Declared | undefined> {
  const written = parseJson(await readFile(memoryFile(root, given), "utf8").catch(() => ""));
  if (!isMap(written)) return undefined;
  const { stack, hash } = written;
  return typeof stack === "string" && typeof hash === "string" ? { stack, hash } : undefined;
}

/** Nothing depends on it but time: a cache that cannot be written is no failure. */
export async function remember(root: string, given: string | undefined, { stack, hash }: Declared): Promise<void> {
  const before = await remembered(root, given);
  if (before?.stack === stack && before.hash === hash) return;
  const file = memoryFile(root, given);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await putFile(file, JSON.stringify({ stack, hash }), 0o600);
  } catch {
    return;
  }
}
