import { parseReference, repositoryName } from "../../core/image-reference.ts";
import type { ContainerSummary, ImageSummary } from "../../hosts/index.ts";

/** An image that no container of its host uses. */
export interface UnusedImage {
  readonly id: string;
  /** `ghcr.io/acme/shop@sha256:…`; one image may have several. */
  readonly digests: string[];
}

/**
 * The images of a repository that no container of the host uses. What we pulled is known by its digest alone: one with a tag
 * is somebody's, and whose one without any name is nobody can tell.
 *
 * @param containers all of the host, whosever they are
 */
export function unusedImages(
  { image }: { readonly image: string },
  containers: readonly ContainerSummary[],
  images: readonly ImageSummary[],
): UnusedImage[] {
  const repository = `${repositoryName(parseReference(image))}@`;
  const used = usedBy(containers);
  const isOurs = ({ tags, digests }: ImageSummary) =>
    tags.length === 0 && digests.length > 0 && digests.every((digest) => digest.startsWith(repository));
  return images
    .filter((one) => isOurs(one) && !used.has(one.id))
    .map(({ id, digests }) => ({ id, digests: digests.toSorted() }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export const usedBy = (containers: readonly ContainerSummary[]): ReadonlySet<string> =>
  new Set(containers.map(({ imageId }) => imageId));
