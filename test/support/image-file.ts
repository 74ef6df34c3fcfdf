import { createCipheriv, createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bytes } from "../../core/words.ts";
import { plainLayer } from "../../lab/app.ts";
import { type Entry, type Layer, layer, tarOf } from "../../lab/bundle.ts";
import { hostArchitecture } from "../../lab/gobuild.ts";
import { pushManifest } from "../../lab/push.ts";
import type { LabRegistry } from "../../lab/registry.ts";

const sha = (content: string | Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Bytes that no compressor makes smaller: the same for the same name, so that runs of a test share what the cache has. */
function noise(name: string, size: Bytes): Buffer {
  const key = createHash("sha256").update(name).digest().subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A layer with one file of that size. */
export const noisyLayer = (name: string, size: Bytes): Promise<Layer> =>
  layer([{ name: `${name}.bin`, mode: 0o644, content: noise(name, size) }]);

/** The files of images of the test app, in a folder of their own. */
export class ImageFiles implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<ImageFiles> {
    return new ImageFiles(await mkdtemp(join(tmpdir(), "slipway-files-")));
  }

  /** `slipway:image` for a file. */
  url(name: string): string {
    return `file://${join(this.folder, name)}`;
  }

  /** An OCI layout's tar, as BuildKit writes it. */
  async layout(name: string, version: string, more: readonly Layer[] = []): Promise<void> {
    const { entry, blobs } = partOf(version, [await plainLayer(), ...more], hostArchitecture());
    await this.#writeLayout(name, entry, blobs);
  }

  /** The image of `layout` in a registry, byte for byte. @returns its digest */
  async pushed(registry: LabRegistry, to: string, version: string): Promise<string> {
    const { entry, blobs } = partOf(version, [await plainLayer()], hostArchitecture());
    const all = blobs.map((text) => ({ content: Buffer.from(text), digest: sha(text), type: entry.mediaType }));
    const manifest = all.find(({ digest }) => digest === entry.digest);
    if (manifest === undefined) throw new Error("the image has no manifest");
    await pushManifest(registry, to, manifest, all);
    return entry.digest;
  }

  /** The same for a second CPU as well: its manifests are in an index, with what BuildKit states about the build. */
  async index(name: string, version: string, stated: string): Promise<void> {
    const other = hostArchitecture() === "amd64" ? "arm64" : "amd64";
    const layers = [await plainLayer()];
    const parts = [hostArchitecture(), other].map((architecture) => ({ architecture, ...partOf(version, layers, architecture) }));
    const statement = {
      ...descriptor(MANIFEST, stated),
      platform: { os: "unknown", architecture: "unknown" },
      annotations: { "vnd.docker.reference.type": "attestation-manifest" },
    };
    const manifests = parts.map(({ entry, architecture }) => ({ ...entry, platform: { os: "linux", architecture } }));
    const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [...manifests, statement] });
    await this.#writeLayout(name, descriptor(INDEX, index), [...parts.flatMap(({ blobs }) => blobs), index, stated]);
  }

  async #writeLayout(name: string, entry: object, blobs: readonly (string | Buffer)[]): Promise<void> {
    const unique = new Map(blobs.map((content) => [`blobs/sha256/${sha(content).slice(7)}`, content]));
    await this.#write(name, [
      { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
      { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [entry] }) },
      ...[...unique].map(([path, content]): Entry => ({ name: path, content })),
    ]);
  }

  /** As `docker save` of an engine before version 25. */
  async saved(name: string, version: string, more: readonly Layer[] = []): Promise<void> {
    const layers = [await plainLayer(), ...more];
    const config = configOf(version, layers, hostArchitecture());
    const files = layers.map(({ tar }) => ({ name: `${sha(tar).slice(7)}/layer.tar`, content: tar }));
    const manifest = [{ Config: `${sha(config).slice(7)}.json`, RepoTags: ["shop:dev"], Layers: files.map((file) => file.name) }];
    await this.#write(name, [
      { name: `${sha(config).slice(7)}.json`, content: config },
      ...files,
      { name: "manifest.json", content: JSON.stringify(manifest) },
    ]);
  }

  async #write(name: string, entries: readonly Entry[]): Promise<void> {
    await writeFile(join(this.folder, name), await tarOf(entries));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

const descriptor = (mediaType: string, content: string | Buffer) => ({
  mediaType,
  digest: sha(content),
  size: Buffer.byteLength(content),
});

/** The image for one CPU. */
function partOf(version: string, layers: readonly Layer[], architecture: string) {
  const config = configOf(version, layers, architecture);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: layers.map(({ zipped }) => descriptor("application/vnd.oci.image.layer.v1.tar+gzip", zipped)),
  });
  return { entry: descriptor(MANIFEST, manifest), blobs: [config, manifest, ...layers.map(({ zipped }) => zipped)] };
}

const configOf = (version: string, layers: readonly Layer[], architecture: string): string =>
  JSON.stringify({
    architecture,
    os: "linux",
    created: "2026-01-01T00:00:00Z",
    config: { Env: ["PATH=/", `VERSION=${version}`], Cmd: ["/app"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ tar }) => sha(tar)) },
  });
