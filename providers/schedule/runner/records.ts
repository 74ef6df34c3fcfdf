import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./durable.ts";

/** A backup as this host has stored it. */
export interface Recorded {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

const FILE = "records.json";

/**
 * What this host has stored, by file, in a volume of its own: who can write to the place of the backups cannot write here. So a backup that
 * is not the recorded one is not from here.
 */
export class Records {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Empty if none can be read: then the origin of each backup is unknown. */
  async all(): Promise<Readonly<Record<string, Recorded>>> {
    try {
      return JSON.parse(await readFile(join(this.#folder, FILE), "utf8")) as Record<string, Recorded>;
    } catch {
      return {};
    }
  }

  /** Keeps the newest `keep`, by their names alone: what the place lists may come from others. */
  async add(file: string, recorded: Recorded, keep: number): Promise<void> {
    const others = Object.entries(await this.all())
      .filter(([other]) => other !== file)
      .sort(([a], [b]) => (a < b ? 1 : -1));
    await writeWhole(this.#folder, FILE, JSON.stringify(Object.fromEntries([[file, recorded], ...others].slice(0, keep))));
  }
}
