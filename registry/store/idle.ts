import type { Bytes, Milliseconds } from "../../core/words.ts";
import { blobsOf, type StoredImage } from "./image.ts";

/** One that no release has used for this long is built again if it is ever wanted. */
const LONGEST: Milliseconds = 90 * 24 * 60 * 60 * 1000;

interface Used {
  readonly image: StoredImage;
  /** When it was used last, as the file's time. */
  readonly used: Milliseconds;
}

/**
 * The digests of images that leave the store: those not used for 90 days, and those used longest ago while all of them are larger than
 * the limit. The last used one always stays. Layers that images share count once. Pure.
 */
export function idle(images: readonly Used[], now: Milliseconds, most: Bytes): string[] {
  const counted = new Set<string>();
  let size = 0;
  const newestFirst = images.toSorted((a, b) => b.used - a.used);
  return newestFirst.flatMap(({ image, used }, at) => {
    const own = [...new Map(blobsOf(image).map((blob) => [blob.digest, blob])).values()].filter(
      ({ digest }) => !counted.has(digest),
    );
    const bytes = own.reduce((sum, blob) => sum + blob.size, 0);
    if (at > 0 && (now - used > LONGEST || size + bytes > most)) return [image.root.digest];
    for (const { digest } of own) counted.add(digest);
    size += bytes;
    return [];
  });
}
