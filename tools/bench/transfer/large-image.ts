import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { Deadline } from "../../../core/deadline.ts";
import type { Bytes, Seconds } from "../../../core/words.ts";
import { layer, tarOf } from "../../../lab/bundle.ts";
import { hostArchitecture } from "../../../lab/gobuild.ts";
import { followed } from "../../../lab/image.ts";
import { ImageStore, layersArchive, layoutArchive, type PlatformImage, type StoredImage } from "../../../registry/index.ts";
import { MB } from "./result.ts";

/** Layers that no version changes. */
const BASE_LAYERS = 5;
/** For one Docker to load the complete image. */
const PATIENCE: Seconds = 240;

const TYPE = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

type Descriptor = StoredImage["root"];

/** A layer in the store. */
interface Stored {
  readonly blob: Descriptor;
  /** Its digest, uncompressed. */
  readonly diffId: string;
}

/** One version, as it is in the store. */
export interface Version {
  readonly stored: StoredImage;
  readonly platform: PlatformImage;
}

/**
 * An image in a store like that of a project, of which each version has a top layer of its own. Its content is noise, which no compression
 * makes smaller; it has no program, since it only travels.
 */
export class LargeImage implements AsyncDisposable {
  readonly store: ImageStore;
  readonly #base: readonly Stored[];
  readonly #changed: Bytes;

  private constructor(store: ImageStore, base: readonly Stored[], changed: Bytes) {
    this.store = store;
    this.#base = base;
    this.#changed = changed;
  }

  static async create({ image_mb, changed_mb }: { readonly image_mb: number; readonly changed_mb: number }): Promise<LargeImage> {
    const store = new ImageStore(await mkdtemp(join(tmpdir(), "slipway-large-image-")));
    const size = ((image_mb - changed_mb) * MB) / BASE_LAYERS;
    const base: Stored[] = [];
    for (let at = 0; at < BASE_LAYERS; at += 1) base.push(await noise(store, size));
    return new LargeImage(store, base, changed_mb * MB);
  }

  /** What the hosts have before. */
  base(): Promise<Version> {
    return this.#image(this.#base);
  }

  /** A version that no host has. */
  async next(): Promise<Version> {
    return this.#image([...this.#base, await noise(this.store, this.#changed)]);
  }

  /** A Docker with its own layers gets the complete image. */
  async intoLayers(docker: Dockerode, { platform }: Version, tag: string): Promise<void> {
    await load(docker, layersArchive(this.store, platform, tag, 0));
  }

  /** A Docker with containerd's store gets the complete image. */
  async intoContainerd(docker: Dockerode, { stored }: Version, tag: string): Promise<void> {
    await load(docker, layoutArchive(this.store, stored, tag));
  }

  /** The same where the base is already: of the layers only the top one is written. */
  async ontoBase(docker: Dockerode, { stored, platform }: Version, tag: string): Promise<void> {
    const top = [platform.manifest, platform.config, ...platform.layers.slice(this.#base.length)];
    const named = { ...stored.root, annotations: { "io.containerd.image.name": tag } };
    const blobs = top.map(async (blob) => ({
      name: `blobs/sha256/${blob.digest.slice("sha256:".length)}`,
      content: Buffer.concat(await this.store.read(blob).toArray()),
    }));
    const archive = await tarOf([
      { name: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
      { name: "index.json", content: JSON.stringify({ schemaVersion: 2, mediaType: TYPE.index, manifests: [named] }) },
      ...(await Promise.all(blobs)),
    ]);
    await load(docker, [archive]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.store.folder, { recursive: true, force: true });
  }

  async #image(layers: readonly Stored[]): Promise<Version> {
    const platform = { os: "linux", architecture: hostArchitecture() };
    const diffIds = layers.map(({ diffId }) => diffId);
    const config = await this.#text(TYPE.config, {
      ...platform,
      created: "2026-01-01T00:00:00Z",
      config: { Cmd: ["/app"] },
      rootfs: { type: "layers", diff_ids: diffIds },
    });
    const blobs = layers.map(({ blob }) => blob);
    const manifest = await this.#text(TYPE.manifest, { schemaVersion: 2, mediaType: TYPE.manifest, config, layers: blobs });
    const image = { os: platform.os, arch: platform.architecture, manifest, config, layers: blobs, diffIds };
    return { platform: image, stored: { schema: 1, root: manifest, index: manifest.digest, platforms: [image] } };
  }

  async #text(mediaType: string, content: object): Promise<Descriptor> {
    return { mediaType, ...(await this.store.write(JSON.stringify(content))) };
  }
}

async function load(docker: Dockerode, archive: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const loaded = docker.loadImage(Readable.from(archive)).then((stream) => followed(docker, stream));
  await Deadline.in(PATIENCE).race(loaded, () => new Error(`an image is not loaded after ${PATIENCE} s`));
}

async function noise(store: ImageStore, size: Bytes): Promise<Stored> {
  const { tar, zipped } = await layer([{ name: "noise", mode: 0o644, content: randomBytes(size) }]);
  const draft = await store.draft(Readable.from([zipped]));
  await store.keep(draft);
  return { blob: { mediaType: TYPE.layer, digest: draft.digest, size: draft.size }, diffId: digestOf(tar) };
}

const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
