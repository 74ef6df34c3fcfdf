import { z } from "zod";

/** How many hosts start, become healthy and switch at the same time. */
export const Boot = z.object({
  /** Hosts of a wave; 0 is all hosts. */
  limit: z.number(),
  /** Seconds between two waves. */
  wait: z.number(),
  /** Whether the roles of a host switch together, or one role after the other. */
  parallelRoles: z.boolean(),
});
export type Boot = z.infer<typeof Boot>;
