import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./durable.ts";

/** What was reached, in a folder of the container's own: it is there again when the container is started again, also after a reboot. */
export class Journal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(mark: string): boolean {
    return existsSync(join(this.#folder, mark));
  }

  async read(mark: string): Promise<string | undefined> {
    return this.has(mark) ? readFile(join(this.#folder, mark), "utf8") : undefined;
  }

  /** The mark is there as a whole, and on the disk, or not at all. */
  write(mark: string, text = ""): Promise<void> {
    return writeWhole(this.#folder, mark, text);
  }
}
