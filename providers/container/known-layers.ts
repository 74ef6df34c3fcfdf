import type { Host, ImageSummary } from "../../hosts/index.ts";

/** Images are looked at from the newest on: an app's next version has most in common with its last one. */
const MOST_LOOKS = 20;

/**
 * How many of the lowest layers of an image a host has. Docker keeps a layer together with all that are below it.
 *
 * @param diffIds the digests of its layers, uncompressed
 */
export async function knownLayers(docker: Pick<Host["docker"], "images" | "image">, diffIds: readonly string[]): Promise<number> {
  const newest = (await docker.images({})).toSorted((a, b) => b.created - a.created).slice(0, MOST_LOOKS);
  const found = await Promise.all(newest.map(({ id }: ImageSummary) => docker.image(id)));
  return Math.max(0, ...found.map((image) => commonBase(diffIds, image?.layers ?? [])));
}

/** @example commonBase(["a", "b", "c"], ["a", "b", "d"]) // 2 */
export function commonBase(wanted: readonly string[], other: readonly string[]): number {
  const at = wanted.findIndex((digest, index) => digest !== other[index]);
  return at === -1 ? wanted.length : at;
}
