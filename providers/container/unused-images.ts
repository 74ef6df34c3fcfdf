import { parseReference, repositoryName } from "../../core/image-reference.ts";
import { storedName } from "../../core/stored-image.ts";
import type { ContainerSummary, ImageSummary } from "../../hosts/index.ts";

/** An image that no container on its host uses. */
export interface UnusedImage {
  readonly id: string;
  /** `ghcr.io/acme/shop@sha256:…`; one image may have several. */
  readonly digests: string[];
}

/**
 * The images of some repositories that no container on the host uses. Ours were pulled by digest and have no tag: an image with a tag was
 * pulled or built by someone else, and an image without any name cannot be attributed.
 *
 * @param containers all containers on the host, not only ours
 */
export function unusedImages(
  own: readonly { readonly image: string }[],
  containers: readonly ContainerSummary[],
  images: readonly ImageSummary[],
): UnusedImage[] {
  const repositories = own.map(({ image }) => `${repositoryName(parseReference(image))}@`);
  const used = usedBy(containers);
  const isOurs = (one: ImageSummary) => {
    const names = namesOf(one);
    return names.length > 0 && names.every((name) => repositories.some((repository) => name.startsWith(repository)));
  };
  return images
    .filter((one) => isOurs(one) && !used.has(one.id))
    .map((one) => ({ id: one.id, digests: digestsOf(one) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** An image that came from the operator is known by its repository, whatever port it came through; its tag is a digest. */
const namesOf = ({ tags, digests }: ImageSummary): string[] => [...tags, ...digests].map(storedName);

/** The names with a digest: `ghcr.io/acme/shop@sha256:…`. */
export const digestsOf = (image: ImageSummary): string[] =>
  [...new Set(namesOf(image).filter((name) => name.includes("@")))].sort();

export const usedBy = (containers: readonly ContainerSummary[]): ReadonlySet<string> =>
  new Set(containers.map(({ imageId }) => imageId));
