import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layersArchive, layoutArchive } from "../../../../registry/store/archive.ts";
import type { PlatformImage, StoredImage } from "../../../../registry/store/image.ts";
import { TYPE } from "../../../../registry/store/oci.ts";
import { ImageStore } from "../../../../registry/store/store.ts";

const TAG = "127.0.0.1:23456/slipway/shop:sha256-9f31";
const ZIPPED = "application/vnd.oci.image.layer.v1.tar+gzip";

let folder: string;
let store: ImageStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-archive-"));
  store = new ImageStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function anImage(layerType: string): Promise<{ image: StoredImage; platform: PlatformImage }> {
  const layers = [];
  for (const text of ["base", "deps", "app"]) {
    const draft = await store.draft(Readable.from([Buffer.from(text)]));
    await store.keep(draft);
    layers.push({ mediaType: layerType, digest: draft.digest, size: draft.size });
  }
  const config = { mediaType: TYPE.config, ...(await store.write('{"config":1}')) };
  const root = { mediaType: TYPE.manifest, ...(await store.write(JSON.stringify({ schemaVersion: 2, config, layers }))) };
  const platform = { os: "linux", arch: "amd64", manifest: root, config, layers, diffIds: ["1", "2", "3"] };
  return { image: { schema: 1, root, index: root.digest, platforms: [platform] }, platform };
}

async function filesOf(content: Buffer): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const entries = Readable.from([content]).pipe(extract());
  for await (const entry of entries) files[entry.header.name] = (await buffer(entry)).toString();
  return files;
}

describe("the archive for Docker's own layers", () => {
  it("names all layers, and has those that are missing", async () => {
    const { platform } = await anImage(ZIPPED);
    const files = await filesOf(await buffer(layersArchive(store, platform, TAG, 2)));
    const [manifest] = JSON.parse(files["manifest.json"] ?? "");
    expect(manifest.RepoTags).toEqual([TAG]);
    expect(files[manifest.Config]).toBe('{"config":1}');
    expect(manifest.Layers.map((name: string) => files[name])).toEqual([undefined, undefined, "app"]);
  });

  it("is compressed as a whole if its layers are not", async () => {
    const { platform } = await anImage(TYPE.layer);
    const archive = await buffer(layersArchive(store, platform, TAG, 0));
    const files = await filesOf(gunzipSync(archive));
    expect(Object.values(files)).toEqual(expect.arrayContaining(["base", "deps", "app"]));
  });
});

describe("the archive for containerd's store", () => {
  it("is a complete OCI layout, whose image has a name", async () => {
    const { image, platform } = await anImage(ZIPPED);
    const files = await filesOf(await buffer(layoutArchive(store, image, TAG)));
    const { manifests } = JSON.parse(files["index.json"] ?? "");
    expect(manifests).toMatchObject([{ digest: image.root.digest, annotations: { "io.containerd.image.name": TAG } }]);
    for (const { digest } of [image.root, platform.config, ...platform.layers])
      expect(Object.keys(files)).toContain(`blobs/sha256/${digest.slice(7)}`);
  });
});

it("fails where the store has lost a blob, instead of ending early", async () => {
  const { platform } = await anImage(ZIPPED);
  const lost = { ...platform, config: { ...platform.config, digest: `sha256:${"1".repeat(64)}` } };
  await expect(buffer(layersArchive(store, lost, TAG, 0))).rejects.toThrow("ENOENT");
});
