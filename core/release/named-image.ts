import { z } from "zod";

/** An image that runs, with the version that people call it. */
export const NamedImage = z.object({
  version: z.string(),
  /** By digest: `ghcr.io/acme/shop@sha256:…`. */
  image: z.string(),
});
export type NamedImage = z.infer<typeof NamedImage>;
