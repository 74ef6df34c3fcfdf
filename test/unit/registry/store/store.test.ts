import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { idle } from "../../../../registry/store/idle.ts";
import type { StoredImage } from "../../../../registry/store/image.ts";
import { TYPE } from "../../../../registry/store/oci.ts";
import { ImageStore } from "../../../../registry/store/store.ts";

const DAY = 24 * 60 * 60 * 1000;

const anImage = (name: string, layers: readonly { digest: string; size: number }[]): StoredImage => {
  const part = (of: string, size = 1) => ({ mediaType: "", digest: `${of} of ${name}`, size });
  const root = part("manifest");
  const own = layers.map((layer) => ({ mediaType: "", ...layer }));
  return {
    schema: 1,
    root,
    index: root.digest,
    platforms: [{ os: "linux", arch: "amd64", manifest: root, config: part("config"), layers: own, diffIds: [] }],
  };
};

describe("which images leave the store", () => {
  const base = { digest: "base", size: 100 };
  const used = (name: string, days: number, size = 10) => ({
    image: anImage(name, [base, { digest: `app of ${name}`, size }]),
    used: -days * DAY,
  });

  it("are none while all fit", () => {
    expect(idle([used("a", 1), used("b", 2)], 0, 1000)).toEqual([]);
  });

  it("are those used longest ago, as far as the rest fits; a layer that images share counts once", () => {
    expect(idle([used("c", 3), used("a", 1), used("b", 2)], 0, 124)).toEqual(["manifest of c"]);
    expect(idle([used("c", 3), used("a", 1), used("b", 2)], 0, 123)).toEqual(["manifest of b", "manifest of c"]);
  });

  it("are those that no one has used for 90 days", () => {
    expect(idle([used("a", 0), used("b", 89), used("c", 91)], 0, 1000)).toEqual(["manifest of c"]);
  });

  it("never are the last one, however large or old it is", () => {
    expect(idle([used("a", 400, 10_000)], 0, 50)).toEqual([]);
  });
});

describe("the store", () => {
  let folder: string;
  let store: ImageStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-store-"));
    store = new ImageStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function added(text: string): Promise<StoredImage> {
    const draft = await store.draft(Readable.from([Buffer.from(text)]));
    await store.keep(draft);
    const layers = [{ mediaType: TYPE.layer, digest: draft.digest, size: draft.size }];
    const config = { mediaType: TYPE.config, ...(await store.write(`{"config of":"${text}"}`)) };
    const root = { mediaType: TYPE.manifest, ...(await store.write(JSON.stringify({ schemaVersion: 2, config, layers }))) };
    const platforms = [{ os: "linux", arch: "amd64", manifest: root, config, layers, diffIds: [draft.digest] }];
    const image: StoredImage = { schema: 1, root, index: root.digest, platforms };
    await store.add(image);
    return image;
  }

  const blobs = async () => (await readdir(join(folder, "blobs", "sha256"))).length;
  const age = async (days: number) => {
    const then = new Date(Date.now() - days * DAY);
    for (const place of ["images", join("blobs", "sha256")])
      for (const name of await readdir(join(folder, place))) await utimes(join(folder, place, name), then, then);
  };

  it("is an OCI layout that names its images", async () => {
    const image = await added("one");
    expect(JSON.parse(await readFile(join(folder, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(JSON.parse(await readFile(join(folder, "index.json"), "utf8")).manifests).toEqual([image.root]);
  });

  it("finds an image that is complete, and no other", async () => {
    const image = await added("one");
    expect(await store.find(image.root.digest)).toEqual(image);
    expect(await store.find(`sha256:${"0".repeat(64)}`)).toBeUndefined();
    await writeFile(store.blobPath(image.platforms[0]?.config.digest ?? ""), "too long for what it should be");
    expect(await store.find(image.root.digest)).toBeUndefined();
  });

  it("collects an image that was not used for long, with the blobs that no other needs", async () => {
    await added("old");
    await age(91);
    const image = await added("new");
    expect(await blobs()).toBe(6);
    await store.collect();
    expect(await blobs()).toBe(3);
    expect(await store.find(image.root.digest)).toEqual(image);
    expect(JSON.parse(await readFile(join(folder, "index.json"), "utf8")).manifests).toEqual([image.root]);
  });

  it("keeps an image that was found again meanwhile", async () => {
    const image = await added("old");
    await age(91);
    await store.find(image.root.digest);
    await added("new");
    await store.collect();
    expect(await store.find(image.root.digest)).toEqual(image);
  });

  it("keeps a blob of no image as long as the run that wrote it may need it", async () => {
    await added("one");
    await store.write("of an image that is just being read");
    await store.collect();
    expect(await blobs()).toBe(4);
    await store.collect(Date.now() + 2 * 60 * 60 * 1000);
    expect(await blobs()).toBe(3);
  });
});
