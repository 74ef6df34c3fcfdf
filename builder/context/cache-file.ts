import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * One file of what is known of contexts, in the cache. It is read and written at once, since comparing 20,000 files must not wait for a turn
 * each time. Nothing depends on it but time and the words of a plan: one that cannot be read is empty, and one that cannot be written is no
 * failure.
 */
export class CacheFile {
  readonly #path: string;

  /** @param of what it is about: each has a file of its own */
  constructor(cache: string, kind: "read" | "built", of: readonly (string | null)[]) {
    const name = createHash("sha256").update(JSON.stringify(of)).digest("hex").slice(0, 16);
    this.#path = join(cache, "contexts", `${kind}-${name}`);
  }

  get path(): string {
    return this.#path;
  }

  read(): string {
    try {
      return readFileSync(this.#path, "utf8");
    } catch {
      return "";
    }
  }

  /** Completely or not at all. */
  write(text: string): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const draft = `${this.#path}.${randomUUID()}`;
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, this.#path);
    } catch {
      return;
    }
  }
}
