import { z } from "zod";
import { Address } from "../../hosts/index.ts";

/** An app on a host that this stack created and will delete. */
export const PreDeleteInputs = z.object({
  schema: z.literal(1),
  host: Address,
  stack: z.string(),
  service: z.string(),
  destination: z.string().optional(),
  /** Seconds for requests in flight, and for containers without a stop timeout of their own. */
  drainTimeout: z.number(),
});
export type PreDeleteInputs = z.infer<typeof PreDeleteInputs>;
