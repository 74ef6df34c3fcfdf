import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG = "application/vnd.docker.container.image.v1+json";
const LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/** A file or folder of an image. */
export interface Entry {
  readonly name: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Undefined: a folder. */
  readonly content?: Buffer | string;
}

/** The config of an image. */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
  readonly WorkingDir?: string;
  readonly Healthcheck?: {
    readonly Test: readonly string[];
    readonly Interval: number;
    readonly Timeout: number;
    readonly Retries: number;
  };
}

/** A layer in the form of registries and Docker. */
export interface Layer {
  readonly tar: Buffer;
  readonly zipped: Buffer;
}

/** One blob or manifest with its digest. */
export interface Blob {
  readonly content: Buffer;
  readonly digest: string;
  readonly type: string;
}

/** An image with one layer, written directly because a build would take seconds. */
export interface Bundle {
  readonly layer: Layer;
  readonly config: Blob;
  readonly zippedLayer: Blob;
  readonly manifest: Blob;
}

const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
const blob = (content: Buffer, type: string): Blob => ({ content, digest: digestOf(content), type });
const descriptor = ({ content, digest, type }: Blob) => ({ mediaType: type, size: content.length, digest });

/** Packs files into a layer; the same files give the same bytes. */
export async function layer(entries: readonly Entry[]): Promise<Layer> {
  const tar = await tarOf(entries);
  return { tar, zipped: gzipSync(tar, { level: 1 }) };
}

/** A tar archive of files and folders, all with the same date. */
export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...headers } of entries) {
    const fixed = { ...headers, mtime: new Date(0), type: content === undefined ? ("directory" as const) : ("file" as const) };
    if (content === undefined) archive.entry(fixed);
    else archive.entry(fixed, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param architecture Docker's name: `amd64`, `arm64` */
export function bundle(files: Layer, config: ImageConfig, architecture: string): Bundle {
  const zippedLayer = blob(files.zipped, LAYER);
  const text = {
    architecture,
    os: "linux",
    created: "2026-01-01T00:00:00Z",
    config,
    rootfs: { type: "layers", diff_ids: [digestOf(files.tar)] },
    history: [{ created: "2026-01-01T00:00:00Z", created_by: "slipway lab" }],
  };
  const configBlob = blob(Buffer.from(JSON.stringify(text)), CONFIG);
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: descriptor(configBlob), layers: [descriptor(zippedLayer)] };
  return { layer: files, config: configBlob, zippedLayer, manifest: blob(Buffer.from(JSON.stringify(manifest)), MANIFEST) };
}

/** The archive for `docker load`: images with their tags; layers are shared. */
export function loadable(images: readonly { readonly image: Bundle; readonly tags: readonly string[] }[]): Promise<Buffer> {
  const named = images.map(({ image, tags }) => ({ image, tags, layer: `${nameOf(image.zippedLayer)}/layer.tar` }));
  const manifest = named.map(({ image, tags, layer: file }) => ({
    Config: `${nameOf(image.config)}.json`,
    RepoTags: tags,
    Layers: [file],
  }));
  const layers = new Map(named.map(({ image, layer: name }) => [name, image.layer.tar]));
  return tarOf([
    ...named.map(({ image }) => ({ name: `${nameOf(image.config)}.json`, content: image.config.content })),
    ...[...layers].map(([name, content]) => ({ name, content })),
    { name: "manifest.json", content: JSON.stringify(manifest) },
  ]);
}

const nameOf = ({ digest }: Blob): string => digest.slice("sha256:".length);
