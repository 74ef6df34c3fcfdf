import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** The environment of a container, as inputs tell it; a shape to be spread into a larger one. */
export const environment = {
  env: texts,
  /** Name in the container → name in `secrets`. */
  secretEnv: texts,
  /** Stands for the secret values in the spec hash; see `secretsFingerprint`. */
  secretsFingerprint: z.string(),
};

/** Where Docker sends the output of a container. */
export const Logging = z.object({ driver: z.string(), options: texts });
