import { z } from "zod";
import type { RoleName } from "../words.ts";

/** An image that runs, with the version that people call it. */
export const NamedImage = z.object({
  version: z.string(),
  /** By digest: `ghcr.io/acme/shop@sha256:…`. */
  image: z.string(),
});
export type NamedImage = z.infer<typeof NamedImage>;

/** What a release runs: the app's image, and those of roles that have their own. */
export const ReleasedImages = NamedImage.extend({
  /** Of roles that run an image of their own instead, by the role's name. */
  images: z.record(z.string(), NamedImage).optional(),
});
export type ReleasedImages = Readonly<z.infer<typeof ReleasedImages>>;

/** All that a release runs, the app's image first. A canary's is not among them. */
export const imagesOf = ({ version, image, images = {} }: ReleasedImages): NamedImage[] => [
  { version, image },
  ...Object.values(images),
];

/** What a role runs. */
export const imageOf = ({ version, image, images }: ReleasedImages, role: RoleName): NamedImage =>
  images?.[role] ?? { version, image };
