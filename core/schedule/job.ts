import { z } from "zod";
import { Cron } from "./cron.ts";

/** A command that runs again and again. */
export const Job = z.object({
  ...Cron.shape,
  /** Seconds after which a run is stopped. */
  timeout: z.number(),
  /** What happens at its time while the previous run is still going: the new run is skipped, or runs beside it. */
  concurrency: z.enum(["forbid", "allow"]),
  /** Arguments. */
  command: z.array(z.string()),
});
export type Job = z.infer<typeof Job>;
