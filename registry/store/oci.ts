import { createHash } from "node:crypto";
import { z } from "zod";

/** The types of https://github.com/opencontainers/image-spec, and of Docker before it. */
export const TYPE = {
  index: "application/vnd.oci.image.index.v1+json",
  list: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.oci.image.config.v1+json",
  /** Not compressed. */
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Names a blob or a manifest. */
export const Descriptor = z.object({
  mediaType: z.string(),
  digest: Digest,
  size: z.int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type Descriptor = z.infer<typeof Descriptor>;

export const Manifest = z.object({ mediaType: z.string().optional(), config: Descriptor, layers: z.array(Descriptor) });
export const Index = z.object({ mediaType: z.string().optional(), manifests: z.array(Descriptor) });

/** The part of an image's config that is read here. */
export const ImageConfig = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  rootfs: z.object({ diff_ids: z.array(Digest) }),
});
export type ImageConfig = z.infer<typeof ImageConfig>;

/** Whether a descriptor is that of a list of manifests. */
export const isIndex = ({ mediaType }: Pick<Descriptor, "mediaType">): boolean =>
  mediaType === TYPE.index || mediaType === TYPE.list;

/** Whether a descriptor is of an image, not of statements about one: BuildKit lists these as manifests for an unknown platform. */
export const isImage = ({ mediaType, platform, annotations = {} }: Descriptor): boolean =>
  (isIndex({ mediaType }) || mediaType === TYPE.manifest || mediaType === TYPE.dockerManifest) &&
  platform?.os !== "unknown" &&
  platform?.architecture !== "unknown" &&
  annotations["vnd.docker.reference.type"] === undefined;

/** Whether the bytes of a layer are not compressed, so that it is worth compressing them on their way. */
export const isPlainTar = (mediaType: string): boolean => /(?:layer\.v1|diff|layer\.nondistributable\.v1)\.tar$/.test(mediaType);

export const digestOf = (content: Buffer | string): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** The names that an image has in an index. */
export const namesIn = ({ annotations = {} }: Descriptor): string[] =>
  [annotations["io.containerd.image.name"], annotations["org.opencontainers.image.ref.name"]].filter(
    (name) => name !== undefined,
  );
