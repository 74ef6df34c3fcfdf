import { z } from "zod";

/** A folder or volume of the host inside the container. */
export const Mount = z.object({
  /** An absolute path, or the name of a volume. */
  source: z.string(),
  target: z.string(),
  readOnly: z.boolean(),
  /** SELinux: shared or private label. */
  relabel: z.enum(["z", "Z"]).optional(),
});
export type Mount = z.infer<typeof Mount>;
