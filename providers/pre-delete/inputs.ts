import { z } from "zod";
import { Owner } from "../../core/owner.ts";
import { Address } from "../../hosts/index.ts";

/** An app on a host that this stack created and will delete. */
export const PreDeleteInputs = z.object({
  schema: z.literal(1),
  host: Address,
  ...Owner.shape,
  service: z.string(),
  destination: z.string().optional(),
  /** Seconds for requests in flight, and for containers without a stop timeout of their own. */
  drainTimeout: z.number(),
});
export type PreDeleteInputs = z.infer<typeof PreDeleteInputs>;

/** Of another version: the names are enough. */
export const PreDeleteRemains = PreDeleteInputs.omit({ schema: true })
  .extend({ stack: z.string().catch(""), drainTimeout: z.number().catch(30) })
  .transform((known): PreDeleteInputs => ({ ...known, schema: 1 }));
