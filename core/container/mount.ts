import { z } from "zod";

/** SELinux label of a mounted folder: shared with other containers (`z`) or private (`Z`). */
export const Relabel = z.enum(["z", "Z"]);
export type Relabel = z.infer<typeof Relabel>;

/** A folder of the host, or a named Docker volume, inside a container. */
export const Mount = z.object({
  /** An absolute path on the host, or the name of the volume. */
  source: z.string(),
  /** An absolute path in the container. */
  target: z.string(),
  readOnly: z.boolean(),
  relabel: Relabel.optional(),
});
export type Mount = z.infer<typeof Mount>;
