import { z } from "zod";
import type { ImageIdentity } from "../../core/stored-image.ts";
import type { Bytes } from "../../core/words.ts";
import { Descriptor } from "./oci.ts";

/** An image for one platform. */
export const PlatformImage = z.object({
  os: z.string(),
  arch: z.string(),
  variant: z.string().optional(),
  manifest: Descriptor,
  config: Descriptor,
  /** From the bottom up. */
  layers: z.array(Descriptor),
  /** The digests of the layers, not compressed: how Docker knows the layers that it has. */
  diffIds: z.array(z.string()),
});
export type PlatformImage = z.infer<typeof PlatformImage>;

/** An image in the store: what is served, pulled, compared and recorded. */
export const StoredImage = z.object({
  schema: z.literal(1),
  /** The manifest of the only platform, or an index of the images of several. */
  root: Descriptor,
  /** The digest that its builder printed: attestations, which are no part of what runs, are part of this one. */
  index: z.string(),
  platforms: z.array(PlatformImage).min(1),
});
export type StoredImage = z.infer<typeof StoredImage>;

/** Everything that a puller may ask for, manifests first. */
export const blobsOf = ({ root, platforms }: StoredImage): Descriptor[] => [
  root,
  ...platforms.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]),
];

export const manifestsOf = ({ root, platforms }: StoredImage): Descriptor[] => [
  root,
  ...platforms.map(({ manifest }) => manifest),
];

/** The three digests, as a release keeps them. */
export const identityOf = ({ index, platforms }: StoredImage): ImageIdentity => ({
  index,
  platforms: platforms.map(({ os, arch, variant, manifest, config }) => ({
    os,
    arch,
    ...(variant === undefined ? {} : { variant }),
    manifest: manifest.digest,
    config: config.digest,
  })),
});

/** The bytes of the layers that a host with these lowest layers lacks. @param known how many of them it has */
export const bytesAbove = ({ layers }: PlatformImage, known: number): Bytes =>
  layers.slice(known).reduce((sum, { size }) => sum + size, 0);
