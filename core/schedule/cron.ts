import { z } from "zod";

/** When something runs again and again. */
export const Cron = z.object({
  /** `17 3 * * *` or `@daily` */
  cron: z.string(),
  /** `Europe/Berlin` */
  timezone: z.string(),
});
export type Cron = z.infer<typeof Cron>;
