import { z } from "zod";
import { Address } from "../../hosts/index.ts";

/** An app's stay on a host that goes together with it. */
export const TenancyInputs = z.object({
  schema: z.literal(1),
  host: Address,
  stack: z.string(),
  service: z.string(),
  destination: z.string().optional(),
  /** Seconds for requests in flight, and for what has no stop timeout of its own. */
  drainTimeout: z.number(),
});
export type TenancyInputs = z.infer<typeof TenancyInputs>;
