import { z } from "zod";
import { Relabel } from "../container/mount.ts";

/** A folder of the host that holds data of an accessory. */
export const Directory = z.object({
  /** Absolute, or relative to the accessory's own folder in the home of the SSH user. */
  source: z.string(),
  /** An absolute path in the container. */
  target: z.string(),
  /** Permission bits; absent: unchanged, 0o755 for a new folder. */
  mode: z.number().optional(),
  /** In the same form as that of a file; absent: unchanged. */
  owner: z.string().optional(),
  /** Absent: the container may write to it. */
  readOnly: z.literal(true).optional(),
  relabel: Relabel.optional(),
});
export type Directory = z.infer<typeof Directory>;
