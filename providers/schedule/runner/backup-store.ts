import type { Readable } from "node:stream";

/** A file in a place for backups. */
export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
}

/** Where backups are kept: a folder, or a bucket. */
export interface Place {
  list(): Promise<StoredFile[]>;
  /**
   * Keeps what comes under this name when all of it came and `whole` did not object; otherwise nothing is kept, and it rejects.
   *
   * @returns how many bytes were kept
   */
  store(file: string, content: Readable, whole: () => Promise<void>): Promise<number>;
  /** A small text, at once. */
  put(file: string, text: string): Promise<void>;
  read(file: string): Promise<Readable>;
  remove(file: string): Promise<void>;
}
