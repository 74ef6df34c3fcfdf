import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { cacheFolder } from "../../core/cache-folder.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { FileImage } from "../../core/file-image.ts";
import type { StoredImage } from "../store/image.ts";
import type { ImageStore } from "../store/store.ts";
import { addFromDockerSave } from "./docker-save.ts";
import { BlobsMissing, DigestMismatch, NoImage, NotChosen } from "./faults.ts";
import { addFromLayout, isLayout } from "./layout.ts";
import { markOf, note, notedIn } from "./note.ts";
import { openSource, openTar, type Source, Unreadable } from "./source.ts";

/** An image that is written as a file: the digest under which it is released, and what it consists of. */
export interface FoundImage {
  readonly digest: string;
  /** `undefined`: neither the store nor the file has the image of the digest that is written. Hosts may have it. */
  readonly stored: StoredImage | undefined;
}

/**
 * The image in a file, brought into the store. A file that has not changed since it was read is not read again. Rejects with a
 * `SlipwayError` if there is no image, or not exactly one.
 *
 * @param project the folder that paths are relative to
 */
export async function readImageFile(image: FileImage, project: string, store: ImageStore): Promise<FoundImage> {
  const path = resolve(project, image.path);
  if (image.digest !== undefined) {
    const { digest } = image;
    const stored = (await store.find(digest)) ?? (await found(image, path, store));
    return { digest, stored: stored?.root.digest === digest ? stored : undefined };
  }
  const stored = await readNow(image, path, store);
  return { digest: stored.root.digest, stored };
}

/** What the file has instead of an image that is written by digest matters to no one. */
const found = (image: FileImage, path: string, store: ImageStore): Promise<StoredImage | undefined> =>
  readNow(image, path, store).catch((thrown: unknown) => {
    if (thrown instanceof SlipwayError) return undefined;
    throw thrown;
  });

async function readNow(image: FileImage, path: string, store: ImageStore): Promise<StoredImage> {
  const noted = await notedIn(store, path, image);
  const known = noted === undefined ? undefined : await store.find(noted);
  if (known !== undefined) return known;
  if ((await stat(path).catch(() => undefined)) === undefined) throw missing(image);
  const before = await markOf(path);
  const stored = await addImageFile(image, path, store);
  // Written to meanwhile, it is read again the next time.
  if (before !== undefined && before === (await markOf(path))) await note(store, path, image, before, stored.root.digest);
  await store.collect();
  return stored;
}

/** What is read, as people know it: in the words of an error. */
interface Meant {
  /** Where it is. */
  readonly path: string;
  /** Which of several images it is. */
  readonly name?: string;
  /** What to do if it cannot be used. Default: how a file is written again. */
  readonly again?: string;
}

/** Brings the image at a path into the store. Rejects with a `SlipwayError` if there is not exactly one. */
export const addImageFile = (image: Meant, path: string, store: ImageStore): Promise<StoredImage> =>
  addOpened(image, () => openSource(path, store), store);

/** The same of a tar that comes through a stream. @param start called when someone listens */
export const addImageTar = (image: Meant, start: () => Readable, store: ImageStore): Promise<StoredImage> =>
  addOpened(image, () => openTar(start, store), store);

async function addOpened(image: Meant, open: () => Promise<Source>, store: ImageStore): Promise<StoredImage> {
  try {
    await using source = await open();
    const stored = await addFrom(source, image, store);
    await store.add(stored);
    return stored;
  } catch (thrown) {
    throw storyOf(image, thrown) ?? thrown;
  }
}

async function addFrom(source: Source, { name }: Meant, store: ImageStore): Promise<StoredImage> {
  if (await isLayout(source)) return addFromLayout(source, store, name);
  if ((await source.part("manifest.json")) !== undefined) return addFromDockerSave(source, store, name);
  throw new NoImage("it has neither oci-layout and index.json, nor manifest.json");
}

const missing = (image: FileImage): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `there is no file ${image.path}`,
    evidence: ["the path is relative to the project's folder, which has Pulumi.yaml"],
    servesNow: NOTHING_TOUCHED,
    next: "build the image into that file, or correct slipway:image",
  });

/** What a person learns of a file that cannot be used; `undefined`: it is no fault of the file. */
function storyOf(image: Meant, thrown: unknown): SlipwayError | undefined {
  const story = (
    what: string,
    evidence: readonly string[],
    next: string,
    code: "IMAGE_UNREADABLE" | "CONFIG_INVALID" = "IMAGE_UNREADABLE",
  ) => new SlipwayError({ code, what: `${image.path}: ${what}`, evidence, servesNow: NOTHING_TOUCHED, next }, { cause: thrown });
  const { again = "build the image again: docker buildx build --output type=oci,dest=FILE, or docker save -o FILE IMAGE" } =
    image;
  if (thrown instanceof NotChosen) {
    const what = thrown.wanted === undefined ? "it has several images" : `it has no single image ${thrown.wanted}`;
    const [first = "NAME"] = thrown.names;
    return story(what, thrown.names, `choose one: slipway:image: file://${image.path}#${first}`, "CONFIG_INVALID");
  }
  if (thrown instanceof BlobsMissing) return story("parts of the image are missing", thrown.digests, again);
  if (thrown instanceof DigestMismatch)
    return story(`${thrown.part} is damaged`, [`named: ${thrown.wanted}`, `found: ${thrown.found}`], again);
  if (thrown instanceof NoImage || thrown instanceof Unreadable) return story("it is not an image", [thrown.message], again);
  if (isOfThisMachine(thrown)) {
    const next = `let this user read the file and write ${cacheFolder()}, with room for the image, then run the command again`;
    return story("it cannot be brought into Slipway's cache", [messageOf(thrown)], next);
  }
  return undefined;
}

const OF_THIS_MACHINE: ReadonlySet<unknown> = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"]);
const isOfThisMachine = (thrown: unknown): boolean =>
  thrown instanceof Error && "code" in thrown && OF_THIS_MACHINE.has(thrown.code);
