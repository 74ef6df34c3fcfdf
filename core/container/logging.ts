import { z } from "zod";

/** Where Docker sends the output of a container. */
export const Logging = z.object({
  /** Docker's logging driver: `json-file`. */
  driver: z.string(),
  options: z.record(z.string(), z.string()),
});
export type Logging = z.infer<typeof Logging>;
