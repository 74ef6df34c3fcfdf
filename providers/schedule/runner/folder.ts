import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BackupStore, StoredFile } from "./backup-store.ts";

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

  async read(file: string): Promise<Readable> {
    const path = join(this.#path, file);
    await stat(path);
    return createReadStream(path);
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

async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

function ifMissing(thrown: unknown): void {
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) throw thrown;
}
