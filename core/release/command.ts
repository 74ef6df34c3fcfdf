import { z } from "zod";

/** Commands that must succeed once before a release may start, in its image and environment. */
export const ReleaseCommand = z.object({
  /** Argument arrays, run one after the other. */
  commands: z.array(z.array(z.string())),
  /** Seconds for each. */
  timeout: z.number(),
});
export type ReleaseCommand = z.infer<typeof ReleaseCommand>;
