import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** The environment of a container, as the inputs of a resource have it: never the values of its secrets. */
export const Environment = z.object({
  env: texts,
  /** Name in the container → name of the secret. */
  secretEnv: texts,
  /** Represents the secret values in the spec hash, see `secretsFingerprint`. */
  secretsFingerprint: z.string(),
});
export type Environment = z.infer<typeof Environment>;
