import type { Stats } from "node:fs";
import { cacheFolder } from "../../core/cache-folder.ts";
import { parseJson } from "../../core/text.ts";
import type { Milliseconds } from "../../core/words.ts";
import type { Place } from "../place.ts";
import { CacheFile } from "./cache-file.ts";

type Files = Pick<Place, "context" | "dockerfile">;

/** A file that was changed this shortly before it was read may be changed again without a new time. */
const GRAIN: Milliseconds = 100;

/** Between what a file is recognized by and what it was read as. */
const MARK_ENDS = "\t";

/**
 * What the files of a context were read as, so that those that have not changed are not read again. Its form is one list of texts, which is
 * read in a third of the time that objects take; what is wrong in it is read again.
 */
export class ContextMemory {
  readonly #file: CacheFile;
  readonly #before = new Map<string, string>();
  /** Paths, each followed by what is known of it. */
  readonly #now: string[] = [];
  #isChanged = false;

  private constructor(file: CacheFile) {
    this.#file = file;
    const written = parseJson(file.read());
    if (!Array.isArray(written) || written.some((text) => typeof text !== "string")) return;
    for (let at = 0; at + 1 < written.length; at += 2) this.#before.set(written[at], written[at + 1]);
  }

  /** Of each Dockerfile in its context: what one of them leaves out, another one may need. */
  static of(place: Files, cache = cacheFolder()): ContextMemory {
    return new ContextMemory(ContextMemory.fileOf(place, cache));
  }

  static fileOf({ context, dockerfile }: Files, cache: string): CacheFile {
    return new CacheFile(cache, "read", [context, dockerfile]);
  }

  /** What a file was read as, or is now. */
  entry(path: string, found: Stats, read: () => string | undefined): string | undefined {
    const mark = markOf(found);
    const known = this.#before.get(path);
    if (known?.startsWith(mark)) {
      this.#now.push(path, known);
      return known.slice(mark.length);
    }
    const entry = read();
    this.#isChanged = true;
    if (entry !== undefined && isSettled(found)) this.#now.push(path, mark + entry);
    return entry;
  }

  save(): void {
    if (this.#isChanged || this.#now.length !== 2 * this.#before.size) this.#file.write(JSON.stringify(this.#now));
  }
}

const markOf = ({ size, mtimeMs, ctimeMs, ino, mode }: Stats): string =>
  `${size} ${mtimeMs} ${ctimeMs} ${ino} ${mode}${MARK_ENDS}`;

const isSettled = ({ mtimeMs, ctimeMs }: Stats): boolean => Date.now() - Math.max(mtimeMs, ctimeMs) > GRAIN;
