import { z } from "zod";

/** A folder of the host. */
export const DirectoryStore = z.object({ kind: z.literal("directory"), path: z.string() });
export type DirectoryStore = z.infer<typeof DirectoryStore>;

/** A bucket of an S3-compatible store. */
export const S3Bucket = z.object({
  /** `https://s3.eu-central-1.amazonaws.com` */
  endpoint: z.string(),
  region: z.string(),
  bucket: z.string(),
  /** Path before the folder of the accessory; may be empty. */
  prefix: z.string(),
  /** The access key's id: the name of a secret in the config and in inputs, its value on the host. */
  accessKey: z.string(),
  /** As `accessKey`. */
  secretKey: z.string(),
});
export type S3Bucket = z.infer<typeof S3Bucket>;

export const S3Store = z.object({ kind: z.literal("s3"), ...S3Bucket.shape });
export type S3Store = z.infer<typeof S3Store>;

/** Where backups are kept. */
export const BackupStore = z.discriminatedUnion("kind", [DirectoryStore, S3Store]);
export type BackupStore = z.infer<typeof BackupStore>;
