import { z } from "zod";

/** A tag that is written beside a digest, `shop:v3@sha256:…`, which the registry did not confirm in this run. */
export const UnconfirmedTag = z.object({
  /** Without the digest: `ghcr.io/acme/shop:v3`. */
  image: z.string(),
  /** The digest that is written; it decides what runs. */
  digest: z.string(),
  /** What the registry says of the tag. */
  now: z.discriminatedUnion("kind", [
    /** It is a different image. */
    z.object({ kind: z.literal("different"), digest: z.string() }),
    z.object({ kind: z.literal("missing") }),
    /** The registry gave no answer. */
    z.object({ kind: z.literal("unknown"), because: z.string() }),
  ]),
});
export type UnconfirmedTag = z.infer<typeof UnconfirmedTag>;
