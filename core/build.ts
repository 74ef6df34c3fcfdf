import { z } from "zod";
import { Paths } from "./paths.ts";
import { ImageIdentity } from "./stored-image.ts";

/** An image that was built, and what of. */
export const BuiltImage = z.object({
  /** The name that its release has, unless the config names it. */
  version: z.string(),
  /** The hash of the files that it was built from. */
  content: z.string(),
  /** Under which it is released. */
  digest: z.string(),
  /** Of one that is in no registry. */
  identity: ImageIdentity.optional(),
});
export type BuiltImage = z.infer<typeof BuiltImage>;

/** What a run knows of a build before it is made. */
export const BuildFacts = z.object({
  /** The hash of the files that an image would be built from. */
  content: z.string(),
  /** The version that it would get. */
  version: z.string(),
  /** Files of it that are not committed. */
  uncommitted: Paths,
  /** What has changed since the content of the last build on this machine, if there was one. */
  changed: Paths.extend({ since: z.string() }).optional(),
});
export type BuildFacts = z.infer<typeof BuildFacts>;
