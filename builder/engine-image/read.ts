import type { EngineImage } from "../../core/engine-image.ts";
import { SlipwayError } from "../../core/error.ts";
import type { FoundImage, ImageStore, StoredImage } from "../../registry/index.ts";
import { type Asking, lookUp } from "./look.ts";
import { note, notedAs } from "./note.ts";
import { saveImage } from "./save.ts";

/**
 * An image that the operator's engine has, brought into the store. One that was read before is not saved again. Rejects with a `SlipwayError`
 * if there is no image, or not all of it.
 */
export async function readEngineImage(image: EngineImage, store: ImageStore, asking: Asking): Promise<FoundImage> {
  const { digest } = image;
  if (digest === undefined) {
    const stored = await readNow(image, store, asking);
    return { digest: stored.root.digest, stored };
  }
  const stored = (await store.find(digest)) ?? (await found(image, store, asking));
  return { digest, stored: stored?.root.digest === digest ? stored : undefined };
}

/**
 * The digest of an image of the engine, if it was read before: nothing is saved, which may take longer than a run of Pulumi's engine.
 * `undefined`: it is a different one than those that were read.
 */
export async function knownDigest(image: EngineImage, store: ImageStore, asking: Asking): Promise<string | undefined> {
  if (image.digest !== undefined) return image.digest;
  return notedAs(store, image, (await lookUp(image, asking)).mark);
}

/** What the engine has instead of an image that is written by digest matters to no one: the hosts may have it. */
const found = (image: EngineImage, store: ImageStore, asking: Asking): Promise<StoredImage | undefined> =>
  readNow(image, store, asking).catch((thrown: unknown) => {
    if (thrown instanceof SlipwayError) return undefined;
    throw thrown;
  });

async function readNow(image: EngineImage, store: ImageStore, asking: Asking): Promise<StoredImage> {
  const { id, mark } = await lookUp(image, asking);
  const noted = await notedAs(store, image, mark);
  const known = noted === undefined ? undefined : await store.find(noted);
  if (known !== undefined) return known;
  const stored = await saveImage(id, image, store, asking);
  await note(store, image, mark, stored.root.digest);
  await store.collect();
  return stored;
}
