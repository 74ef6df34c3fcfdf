import type { Readable } from "node:stream";

/** A file in a store of backups. */
export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
}

/** Where backups are kept: a folder, or a bucket. */
export interface BackupStore {
  list(): Promise<StoredFile[]>;
  /**
   * Stores a stream under this name if it ends without an error and `requireComplete` resolves; otherwise stores nothing and rejects.
   *
   * @returns the number of bytes stored
   */
  store(file: string, content: Readable, requireComplete: () => Promise<void>): Promise<number>;
  /** Stores a short text. */
  put(file: string, text: string): Promise<void>;
  /**
   * What is stored, and which version of it that is; empty where the store has none.
   *
   * @param version it must be this one still
   */
  open(file: string, version?: string): Promise<{ readonly content: Readable; readonly version: string }>;
  remove(file: string): Promise<void>;
}
