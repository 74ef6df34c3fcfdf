import { createReadStream } from "node:fs";
import { parseJson } from "../../core/text.ts";
import type { PlatformImage, StoredImage } from "../store/image.ts";
import { type Descriptor, ImageConfig, Index, isImage, isIndex, Manifest, namesIn, TYPE } from "../store/oci.ts";
import type { ImageStore } from "../store/store.ts";
import { choose } from "./choose.ts";
import { BlobsMissing, DigestMismatch, NoImage } from "./faults.ts";
import { type Source, textOf } from "./source.ts";

const pathOf = (digest: string): string => `blobs/${digest.replace(":", "/")}`;

/** Whether there is an OCI layout; newer engines write one together with Docker's own format. */
export const isLayout = async (source: Source): Promise<boolean> =>
  (await source.part("oci-layout")) !== undefined && (await source.part("index.json")) !== undefined;

/**
 * Brings an image of an OCI layout into the store, with all that it consists of.
 *
 * @param name which one, if there are several
 */
export async function addFromLayout(source: Source, store: ImageStore, name: string | undefined): Promise<StoredImage> {
  const index = Index.safeParse(parseJson((await textOf(source, "index.json")) ?? ""));
  if (!index.success) throw new NoImage("its index.json is not an index");
  const entries = index.data.manifests.filter(isImage);
  const chosen = choose(
    entries.map((entry) => ({ names: namesIn(entry), digest: entry.digest, platform: entry.platform, entry })),
    name,
  );
  const flat = (await Promise.all(chosen.map(({ entry }) => manifestsBelow(source, entry, 0)))).flat();
  const listed = [...new Map(flat.map((manifest) => [manifest.digest, manifest])).values()];
  if (listed.length === 0) throw new NoImage("it has no image");
  const unique = await onlySaved(source, listed);
  const platforms = await Promise.all(unique.map((manifest) => platformOf(source, manifest)));
  const [first, ...others] = chosen;
  const printed = first !== undefined && others.length === 0 ? first.entry : undefined;
  const root = await rootOf(source, store, platforms, printed);
  const blobs = platforms.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]);
  await requireBlobs(source, store, blobs);
  for (const blob of blobs) await bring(source, store, blob);
  return { schema: 1, root, index: printed?.digest ?? root.digest, platforms };
}

/** Indexes may be nested; deeper than any tool writes them is a mistake. */
const DEEPEST = 4;

async function manifestsBelow(source: Source, entry: Descriptor, depth: number): Promise<Descriptor[]> {
  if (!isIndex(entry)) return [entry];
  if (depth > DEEPEST) throw new NoImage("its indexes are nested too deeply");
  const index = Index.safeParse(parseJson(await blobText(source, entry)));
  if (!index.success) throw new NoImage(`${entry.digest} is not an index`);
  return (
    await Promise.all(index.data.manifests.filter(isImage).map((below) => manifestsBelow(source, below, depth + 1)))
  ).flat();
}

/** Docker saves an index as it is, with the images of the platforms that it has. */
async function onlySaved(source: Source, listed: readonly Descriptor[]): Promise<Descriptor[]> {
  const parts = await Promise.all(listed.map(({ digest }) => source.part(pathOf(digest))));
  const saved = listed.filter((_, at) => parts[at] !== undefined);
  if (saved.length === 0) throw new BlobsMissing(listed.map(({ digest }) => digest));
  return saved;
}

async function blobText(source: Source, { digest }: Descriptor): Promise<string> {
  const text = await textOf(source, pathOf(digest));
  if (text === undefined) throw new BlobsMissing([digest]);
  return text;
}

async function platformOf(source: Source, descriptor: Descriptor): Promise<PlatformImage> {
  const manifest = Manifest.safeParse(parseJson(await blobText(source, descriptor)));
  if (!manifest.success) throw new NoImage(`${descriptor.digest} is not the manifest of an image`);
  const config = ImageConfig.safeParse(parseJson(await blobText(source, manifest.data.config)));
  if (!config.success) throw new NoImage(`${manifest.data.config.digest} is not the config of an image`);
  const { os, architecture: arch, variant, rootfs } = config.data;
  const { mediaType, digest, size } = descriptor;
  return {
    os,
    arch,
    ...(variant === undefined ? {} : { variant }),
    manifest: { mediaType, digest, size },
    config: manifest.data.config,
    layers: manifest.data.layers,
    diffIds: rootfs.diff_ids,
  };
}

/**
 * What hosts pull: the manifest of the only platform, since the digest of an index with attestations differs from build to build; or
 * the index as it was built if it lists nothing else; else an index of the platforms alone, which is the same for the same images.
 */
async function rootOf(
  source: Source,
  store: ImageStore,
  platforms: readonly PlatformImage[],
  printed: Descriptor | undefined,
): Promise<Descriptor> {
  const [only, ...others] = platforms;
  if (only !== undefined && others.length === 0) return only.manifest;
  if (printed !== undefined && isIndex(printed) && (await listsOnly(source, printed, platforms))) {
    await bring(source, store, printed);
    const { mediaType, digest, size } = printed;
    return { mediaType, digest, size };
  }
  const manifests = platforms
    .map(({ os, arch: architecture, variant, manifest }) => ({
      ...manifest,
      platform: { architecture, os, ...(variant === undefined ? {} : { variant }) },
    }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const written = await store.write(JSON.stringify({ schemaVersion: 2, mediaType: TYPE.index, manifests }));
  return { mediaType: TYPE.index, ...written };
}

async function listsOnly(source: Source, printed: Descriptor, platforms: readonly PlatformImage[]): Promise<boolean> {
  const listed = Index.parse(JSON.parse(await blobText(source, printed))).manifests.map(({ digest }) => digest);
  const own = new Set(platforms.map(({ manifest }) => manifest.digest));
  return listed.every((digest) => own.has(digest));
}

/** All that is missing is said at once. */
async function requireBlobs(source: Source, store: ImageStore, blobs: readonly Descriptor[]): Promise<void> {
  const missing: string[] = [];
  for (const blob of blobs) {
    if ((await source.part(pathOf(blob.digest))) === undefined && !(await store.has(blob))) missing.push(blob.digest);
  }
  if (missing.length > 0) throw new BlobsMissing([...new Set(missing)]);
}

/** A blob is copied once, and verified then. */
async function bring(source: Source, store: ImageStore, blob: Descriptor): Promise<void> {
  if (await store.has(blob)) return;
  const part = await source.part(pathOf(blob.digest));
  if (part === undefined) throw new BlobsMissing([blob.digest]);
  const draft = part.unpacked ?? (await store.draft(createReadStream(part.path, { highWaterMark: 1024 * 1024 })));
  if (draft.digest !== blob.digest || draft.size !== blob.size)
    throw new DigestMismatch(pathOf(blob.digest), blob.digest, draft.digest);
  await store.keep(draft);
}
