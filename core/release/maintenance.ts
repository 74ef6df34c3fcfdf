import { z } from "zod";

/** The proxy answers every request with 503 instead of the app. */
export const Maintenance = z.object({
  /** Shown on the page; may be empty. */
  message: z.string(),
});
export type Maintenance = z.infer<typeof Maintenance>;

/** The message of a route that `slipway stop` has closed: it distinguishes a stop from maintenance. */
export const STOPPED_MESSAGE = "This service is stopped.";
