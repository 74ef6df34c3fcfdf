import { z } from "zod";
import { isOpeningText } from "../../core/opening.ts";
import { Address } from "../../hosts/index.ts";

/** Which ports of which hosts may be reachable from outside; tried once per release. */
export const ExposureInputs = z.object({
  schema: z.literal(1),
  hosts: z.record(z.string(), Address),
  /** Host → `80/tcp`, `5432/tcp from 10.0.0.0/16`. */
  declared: z.record(z.string(), z.array(z.string().refine(isOpeningText))),
  /** `1.4.2-ab12cd34`: a new release is checked again. */
  release: z.string(),
});
export type ExposureInputs = z.infer<typeof ExposureInputs>;
