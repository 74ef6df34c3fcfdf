import type { S3Bucket } from "../../../core/schedule/store.ts";

/**
 * The configuration of one backup, in a file in its containers that only root may read. The provider of the same version writes it, so
 * its shape is not checked here.
 */
export interface BackupSpec {
  /** Of the folder: backups of several accessories share a store. */
  readonly name: string;
  readonly form: Form;
  /** Whether to compress it: not if the dump is compressed already. */
  readonly gzip: boolean;
  /** An age public key; without it anyone with the file can read the backup. */
  readonly encrypt?: string;
  /** How many backups to keep, newest first. */
  readonly keep: number;
  /** Absent: a folder on the host, mounted into the container. */
  readonly s3?: S3Bucket;
}

/** The format: pg_dump's custom format, SQL, a Redis snapshot, or files. */
export type Form = "dump" | "sql" | "rdb" | "tar";
