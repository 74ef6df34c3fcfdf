import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BackupStore, StoredFile } from "./backup-store.ts";
import { flush } from "./durable.ts";

const PARTIAL = ".partial";
const PRIVATE = { folder: 0o700, file: 0o600 };

/** A folder on the host. A file has a temporary name until it is complete and flushed to the disk. */
export class Folder implements BackupStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async list(): Promise<StoredFile[]> {
    await this.#make();
    const files = (await readdir(this.#path)).filter((file) => !file.endsWith(PARTIAL));
    return Promise.all(files.map(async (file) => ({ file, bytes: (await stat(join(this.#path, file))).size })));
  }

  async store(file: string, content: Readable, requireComplete: () => Promise<void>): Promise<number> {
    await this.#make();
    await this.#clear();
    const [partial, path] = [join(this.#path, `.${file}${PARTIAL}`), join(this.#path, file)];
    try {
      await pipeline(content, createWriteStream(partial, { flags: "wx", mode: PRIVATE.file }));
      await requireComplete();
      await flush(partial);
      const { size } = await stat(partial);
      await rename(partial, path);
      await flush(this.#path);
      return size;
    } catch (thrown) {
      await unlink(partial).catch(ifMissing);
      throw thrown;
    }
  }

  async put(file: string, text: string): Promise<void> {
    await this.store(file, Readable.from([Buffer.from(text)]), async () => {});
  }

  async open(file: string, wanted?: string): Promise<{ readonly content: Readable; readonly version: string }> {
    const opened = await open(join(this.#path, file), "r");
    const { ino, size, mtimeNs, ctimeNs } = await opened.stat({ bigint: true });
    const version = [ino, size, mtimeNs, ctimeNs].join("-");
    if (wanted !== undefined && wanted !== "" && version !== wanted) {
      await opened.close();
      throw new Error(`${file} was changed since it was verified`);
    }
    return { content: opened.createReadStream(), version };
  }

  async remove(file: string): Promise<void> {
    await unlink(join(this.#path, file)).catch(ifMissing);
  }

  async #make(): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: PRIVATE.folder });
  }

  /** Removes what a killed run left behind. */
  async #clear(): Promise<void> {
    const left = (await readdir(this.#path)).filter((file) => file.endsWith(PARTIAL));
    await Promise.all(left.map((file) => unlink(join(this.#path, file)).catch(ifMissing)));
  }
}

function ifMissing(thrown: unknown): void {
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) throw thrown;
}
