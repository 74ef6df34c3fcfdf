import type { S3Bucket } from "../../../core/schedule/store.ts";

/**
 * What the containers of one backup are told, in a file of theirs that only root may read. It is written by the provider of the
 * same version, so nothing here checks its shape.
 */
export interface BackupSpec {
  /** Of the folder: backups of several accessories share a place. */
  readonly name: string;
  readonly form: Form;
  /** Whether it is packed on its way: what is packed by itself is not. */
  readonly gzip: boolean;
  /** An age public key; without it the backup is readable to whoever has the file. */
  readonly encrypt?: string;
  /** The newest so many stay. */
  readonly keep: number;
  /** Absent: a folder of the host, mounted into the container. */
  readonly s3?: S3Bucket;
}

/** What a backup is of: pg_dump's own form, SQL, Redis's own, or files. */
export type Form = "dump" | "sql" | "rdb" | "tar";
