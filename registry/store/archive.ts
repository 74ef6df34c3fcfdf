import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import type { Bytes } from "../../core/words.ts";
import { blobsOf, type PlatformImage, type StoredImage } from "./image.ts";
import { type Descriptor, isPlainTar, TYPE } from "./oci.ts";
import type { ImageStore } from "./store.ts";

/** One file of an archive: a text, or a blob of the store. */
interface Entry {
  readonly name: string;
  readonly content: string | Descriptor;
}

const hexOf = (digest: string): string => digest.slice("sha256:".length);

/**
 * The archive from which Docker's own layers load an image. It may lack its lowest layers where Docker has them: a file is opened only if
 * its layer is unknown.
 *
 * @param tag the name that the image gets
 * @param known how many of the lowest layers are left out
 */
export const layersArchive = (
  store: ImageStore,
  { config, layers }: PlatformImage,
  tag: string,
  known: number,
): AsyncIterable<Buffer> => {
  const fileOf = ({ digest }: Descriptor) => `${hexOf(digest)}/layer.tar`;
  const manifest = [{ Config: `${hexOf(config.digest)}.json`, RepoTags: [tag], Layers: layers.map(fileOf) }];
  return archive(
    store,
    layers.slice(known).some(({ mediaType }) => isPlainTar(mediaType)),
    [
      { name: `${hexOf(config.digest)}.json`, content: config },
      ...unique(layers.slice(known)).map((layer) => ({ name: fileOf(layer), content: layer })),
      { name: "manifest.json", content: JSON.stringify(manifest) },
    ],
  );
};

/** The archive from which containerd's store loads an image, complete: it needs all blobs. @param tag the name that the image gets */
export const layoutArchive = (store: ImageStore, image: StoredImage, tag: string): AsyncIterable<Buffer> => {
  const named = {
    ...image.root,
    annotations: { "io.containerd.image.name": tag, "org.opencontainers.image.ref.name": tag.split(":").at(-1) },
  };
  const blobs = unique(blobsOf(image));
  return archive(
    store,
    blobs.some(({ mediaType }) => isPlainTar(mediaType)),
    [
      { name: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
      { name: "index.json", content: JSON.stringify({ schemaVersion: 2, mediaType: TYPE.index, manifests: [named] }) },
      ...blobs.map((blob) => ({ name: `blobs/sha256/${hexOf(blob.digest)}`, content: blob })),
    ],
  );
};

const unique = (blobs: readonly Descriptor[]): Descriptor[] => [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];

/** @param compressed whether it is compressed on its way: layers mostly are already */
async function* archive(store: ImageStore, compressed: boolean, entries: readonly Entry[]): AsyncGenerator<Buffer> {
  const { pack } = await import("tar-stream");
  const tar = pack();
  const written = write(store, tar, entries);
  written.catch((thrown: Error) => tar.destroy(thrown));
  const parts = tar as AsyncIterable<Buffer>;
  if (!compressed) return yield* parts;
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const zipped = pipeline(parts, gzip);
  zipped.catch(() => {});
  yield* gzip as AsyncIterable<Buffer>;
}

async function write(store: ImageStore, tar: import("tar-stream").Pack, entries: readonly Entry[]): Promise<void> {
  const header = (name: string, size: Bytes) => ({ name, size, mode: 0o644, mtime: new Date(0) });
  for (const { name, content } of entries) {
    if (typeof content === "string") tar.entry(header(name, Buffer.byteLength(content)), content);
    else await pipeline(store.read(content), tar.entry(header(name, content.size)));
  }
  tar.finalize();
}
