import { z } from "zod";

/** Which requests the canary gets: a share of those with the cookie `kamal-rollout`, or those with certain values of it. */
export const CanaryShare = z.discriminatedUnion("to", [
  z.object({ to: z.literal("percent"), percent: z.number() }),
  z.object({ to: z.literal("allowed"), allow: z.array(z.string()) }),
]);
export type CanaryShare = z.infer<typeof CanaryShare>;
