import { z } from "zod";

/** Where Docker sends the output of a container. */
export const Logging = z.object({
  /** Docker's logging driver: `json-file`. */
  driver: z.string(),
  options: z.record(z.string(), z.string()),
  /** The config names what is the default otherwise; absent: the Docker of the host may have another default. */
  chosen: z.literal(true).optional(),
});
export type Logging = z.infer<typeof Logging>;

/** Logs must not fill the disk of a host where they are not configured. */
export const BOUNDED = { "max-size": "10m" } as const;
