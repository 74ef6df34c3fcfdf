import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, type Stats, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../core/cache-folder.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import type { Milliseconds } from "../../core/words.ts";

/** A file that was changed this shortly before it was read may be changed again without a new time. */
const GRAIN: Milliseconds = 100;

/**
 * What the files of a context were read as, so that those that have not changed are not read again: 20,000 of them take 0.2 s then. Read by
 * hand, before anything is started, when zod would have to be loaded; what is wrong in it is read again.
 */
export class ContextMemory {
  readonly #file: string;
  readonly #before: ReadonlyMap<string, unknown>;
  readonly #now: [path: string, mark: string, entry: string][] = [];
  #isChanged = false;

  private constructor(file: string) {
    this.#file = file;
    const written = parseJson(readOr(file, ""));
    this.#before = new Map(isMap(written) ? Object.entries(written) : []);
  }

  /** @param folder the context's */
  static of(folder: string, cache = cacheFolder()): ContextMemory {
    return new ContextMemory(ContextMemory.fileOf(folder, cache));
  }

  static fileOf(folder: string, cache: string): string {
    const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
    return join(cache, "contexts", `${name}.json`);
  }

  /** What a file was read as, or is now. */
  entry(path: string, found: Stats, read: () => string | undefined): string | undefined {
    const mark = markOf(found);
    const known = this.#before.get(path);
    if (Array.isArray(known) && known[0] === mark && typeof known[1] === "string") {
      this.#now.push([path, mark, known[1]]);
      return known[1];
    }
    const entry = read();
    this.#isChanged = true;
    if (entry !== undefined && isSettled(found)) this.#now.push([path, mark, entry]);
    return entry;
  }

  /** Nothing depends on it but time: a cache that cannot be written is no failure. */
  save(): void {
    if (!this.#isChanged && this.#now.length === this.#before.size) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      const draft = `${this.#file}.${randomUUID()}`;
      writeFileSync(draft, JSON.stringify(Object.fromEntries(this.#now.map(([path, ...rest]) => [path, rest]))), { mode: 0o600 });
      renameSync(draft, this.#file);
    } catch {
      return;
    }
  }
}

const markOf = ({ size, mtimeMs, ctimeMs, ino, mode }: Stats): string => [size, mtimeMs, ctimeMs, ino, mode].join(" ");

const isSettled = ({ mtimeMs, ctimeMs }: Stats): boolean => Date.now() - Math.max(mtimeMs, ctimeMs) > GRAIN;

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
