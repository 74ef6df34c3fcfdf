import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { parseFileImage } from "../../../../core/file-image.ts";
import { readImageFile } from "../../../../registry/image-file/read.ts";
import { blobsOf, identityOf, type StoredImage } from "../../../../registry/store/image.ts";
import { ImageStore } from "../../../../registry/store/store.ts";
import { aLayout, anImage, anIndex, dockerSave, type Files, sha, tarOf, writeFolder } from "./support.ts";

let project: string;
let store: ImageStore;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "slipway-image-"));
  store = new ImageStore(join(project, "store"));
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function read(written: string): Promise<StoredImage> {
  const image = parseFileImage(written);
  if (image === undefined) throw new TypeError(`${written} is no file`);
  const { stored } = await readImageFile(image, project, store);
  if (stored === undefined) throw new Error("it is unknown");
  return stored;
}

async function refused(written: string): Promise<SlipwayError> {
  const thrown = await read(written).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof SlipwayError)) throw new Error(`it was not refused: ${thrown}`);
  return thrown;
}

const writeTar = async (name: string, files: Files): Promise<void> => writeFile(join(project, name), await tarOf(files));

/** That every blob of an image is in the store as it should be. */
async function expectComplete(image: StoredImage): Promise<void> {
  for (const { digest, size } of blobsOf(image)) {
    const content = await readFile(store.blobPath(digest));
    expect([sha(content), content.length]).toEqual([digest, size]);
  }
}

describe("an image with one platform", () => {
  const made = anImage(["base", "app"]);

  it.each(["folder", "tar", "tar.gz"])("in an OCI layout as a %s is known by the digest of its manifest", async (kind) => {
    const files = aLayout([made.descriptor], made.files);
    if (kind === "folder") await writeFolder(join(project, "image"), files);
    else await writeFile(join(project, "image"), kind === "tar" ? await tarOf(files) : gzipSync(await tarOf(files)));
    const image = await read("file://image");
    expect(image.root.digest).toBe(made.manifest);
    expect(identityOf(image)).toEqual({
      index: made.manifest,
      platforms: [{ os: "linux", arch: "amd64", manifest: made.manifest, config: made.config }],
    });
    await expectComplete(image);
  });

  it("keeps its digest when only what its builder states about it differs; the digest that the builder printed is kept beside it", async () => {
    const seen = [];
    for (const stated of ["built at 9:00", "built at 9:01"]) {
      const index = anIndex([{ made, architecture: "amd64" }], stated);
      await writeTar("image.tar", aLayout([index.descriptor], index.files));
      const image = await read("file://image.tar");
      expect(image.index).toBe(index.digest);
      seen.push(image.root.digest);
    }
    expect(seen).toEqual([made.manifest, made.manifest]);
  });

  it("is recognized by an absolute path, too", async () => {
    await writeTar("image.tar", aLayout([made.descriptor], made.files));
    expect((await read(`file://${join(project, "image.tar")}`)).root.digest).toBe(made.manifest);
  });
});

describe("an image for several platforms", () => {
  const [amd, arm] = [anImage(["base", "app"]), anImage(["base for arm"], { architecture: "arm64" })];
  const both = [
    { made: amd, architecture: "amd64" },
    { made: arm, architecture: "arm64" },
  ];

  it("is known by its index as it was built, if that lists nothing else", async () => {
    const index = anIndex(both);
    await writeTar("image.tar", aLayout([index.descriptor], index.files));
    const image = await read("file://image.tar");
    expect([image.root.digest, image.index]).toEqual([index.digest, index.digest]);
    expect(image.platforms.map(({ arch }) => arch)).toEqual(["amd64", "arm64"]);
    await expectComplete(image);
  });

  it("is known by an index of the platforms alone if its own has statements, which differ from build to build", async () => {
    const digests = new Set<string>();
    for (const stated of ["built at 9:00", "built at 9:01"]) {
      const index = anIndex(both, stated);
      await writeTar("image.tar", aLayout([index.descriptor], index.files));
      const image = await read("file://image.tar");
      expect(image.index).toBe(index.digest);
      digests.add(image.root.digest);
      await expectComplete(image);
    }
    expect(digests.size).toBe(1);
  });

  it("may have just some of those that its index lists, as Docker saves it", async () => {
    const index = anIndex(both);
    const without = Object.fromEntries(Object.entries(index.files).filter(([name]) => !(name in arm.files)));
    await writeTar("image.tar", aLayout([index.descriptor], without));
    const image = await read("file://image.tar");
    expect([image.root.digest, image.index]).toEqual([amd.manifest, index.digest]);
    expect(image.platforms.map(({ arch }) => arch)).toEqual(["amd64"]);
  });

  it("may be listed side by side", async () => {
    const side = both.map(({ made, architecture }) => ({ ...made.descriptor, platform: { os: "linux", architecture } }));
    await writeTar("image.tar", aLayout(side, amd.files, arm.files));
    expect((await read("file://image.tar")).platforms).toHaveLength(2);
  });
});

describe("docker save", () => {
  const tags = ["shop:dev"];

  it("is known by a manifest that is the same however its layers were packed", async () => {
    const digests = new Set<string>();
    for (const packed of [
      (layer: string) => layer,
      (layer: string) => gzipSync(layer, { level: 1 }),
      (layer: string) => gzipSync(layer, { level: 9 }),
    ]) {
      await writeTar("shop.tar", dockerSave([{ texts: ["base", "app"], tags }], packed));
      const image = await read("file://shop.tar");
      digests.add(image.root.digest);
      expect(image.platforms[0]?.layers.map(({ digest }) => digest)).toEqual([sha("base"), sha("app")]);
      await expectComplete(image);
    }
    expect(digests.size).toBe(1);
  });

  it("may have links for layers that are there twice", async () => {
    const files = dockerSave([{ texts: ["base", "app", "base"], tags }]);
    const manifest = JSON.parse(String(files["manifest.json"]));
    manifest[0].Layers[2] = "again/layer.tar";
    await writeTar("shop.tar", {
      ...files,
      "again/layer.tar": { link: `../${sha("base").slice(7)}/layer.tar` },
      "manifest.json": JSON.stringify(manifest),
    });
    expect((await read("file://shop.tar")).platforms[0]?.layers).toHaveLength(3);
  });
});

describe("several images in one file", () => {
  const files = dockerSave([
    { texts: ["one"], tags: ["shop:1", "shop:latest"] },
    { texts: ["two"], tags: ["shop:2"] },
  ]);

  it("are refused with their names and the key that chooses", async () => {
    await writeTar("shop.tar", files);
    const { message } = await refused("file://shop.tar");
    expect(message).toContain("shop.tar: it has several images");
    expect(message).toMatch(/\| shop:1\n.*\| shop:2/);
    expect(message).toContain("choose one: slipway:image: file://shop.tar#shop:1");
  });

  it.each([
    ["shop:2", "two"],
    ["2", "two"],
    ["latest", "one"],
  ])("are chosen by %s", async (name, text) => {
    await writeTar("shop.tar", files);
    expect((await read(`file://shop.tar#${name}`)).platforms[0]?.diffIds).toEqual([sha(text)]);
  });

  it("have none of another name", async () => {
    await writeTar("shop.tar", files);
    expect((await refused("file://shop.tar#shop:3")).message).toContain("it has no single image shop:3");
  });

  it("in a layout are chosen by the names that buildx and Docker write", async () => {
    const [one, two] = [anImage(["one"]), anImage(["two"])];
    const named = (made: typeof one, name: string) => ({
      ...made.descriptor,
      annotations: { "io.containerd.image.name": `docker.io/library/${name}` },
    });
    await writeFolder(join(project, "images"), aLayout([named(one, "shop:1"), named(two, "shop:2")], one.files, two.files));
    expect((await read("file://images#shop:2")).root.digest).toBe(two.manifest);
    expect((await refused("file://images")).message).toContain("file://images#shop:1");
  });
});

describe("a file that cannot be used says why, and what to do", () => {
  const made = anImage(["base", "app"]);

  it("if it is missing", async () => {
    const { story, message } = await refused("file://dist/shop.tar");
    expect(story.code).toBe("IMAGE_NOT_FOUND");
    expect(message).toContain("there is no file dist/shop.tar");
  });

  it.each([
    ["a text", "this is no tar, but it has to be longer than one header of a tar to be read as one ".repeat(20)],
    ["nothing", ""],
    ["what begins as gzip", Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(600, 3)])],
  ])("if it is %s", async (_, content) => {
    await writeFile(join(project, "shop.tar"), content);
    const { story } = await refused("file://shop.tar");
    expect(story).toMatchObject({ code: "IMAGE_UNREADABLE", what: "shop.tar: it is not an image" });
    expect(await readdir(join(store.folder, "drafts")).catch(() => [])).toEqual([]);
  });

  it("if it is a tar of something else", async () => {
    await writeTar("shop.tar", { "readme.md": "hello" });
    expect((await refused("file://shop.tar")).message).toContain("neither oci-layout and index.json, nor manifest.json");
  });

  it("if blobs are missing, all at once", async () => {
    const layers = Object.keys(made.files).slice(2);
    const files = Object.fromEntries(Object.entries(made.files).filter(([name]) => !layers.includes(name)));
    await writeFolder(join(project, "image"), aLayout([made.descriptor], files));
    const { story } = await refused("file://image");
    expect(story.what).toBe("image: parts of the image are missing");
    expect(story.evidence).toEqual(layers.map((name) => name.replace("blobs/sha256/", "sha256:")));
  });

  it.each(["folder", "tar"])("if a blob of a %s is not what its name says; none of it is kept", async (kind) => {
    const [name = ""] = Object.keys(made.files).slice(-1);
    const files = aLayout([made.descriptor], { ...made.files, [name]: "damaged" });
    if (kind === "tar") await writeTar("image", files);
    else await writeFolder(join(project, "image"), files);
    const { story } = await refused("file://image");
    expect(story.what).toBe(`image: ${name} is damaged`);
    expect(story.evidence).toContain(`found: ${sha("damaged")}`);
    expect(await store.has({ digest: sha("damaged"), size: 7 })).toBe(false);
  });

  it("if a layer of docker save is not the one that its config names", async () => {
    const files = dockerSave([{ texts: ["base"], tags: [] }]);
    await writeTar("shop.tar", { ...files, [`${sha("base").slice(7)}/layer.tar`]: "other" });
    expect((await refused("file://shop.tar")).story.what).toContain("is damaged");
  });

  it("if the cache cannot be written", async () => {
    await writeTar("image.tar", aLayout([made.descriptor], made.files));
    store.draft = () => Promise.reject(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
    const { story } = await refused("file://image.tar");
    expect(story.what).toBe("image.tar: it cannot be brought into Slipway's cache");
    expect(story.evidence).toEqual(["ENOSPC: no space left on device, write"]);
  });

  it("if it names a path outside of itself", async () => {
    const files = dockerSave([{ texts: ["base"], tags: [] }]);
    await writeFile(join(project, "secret"), "base");
    await writeFolder(join(project, "image"), {
      ...files,
      "manifest.json": String(files["manifest.json"]).replace(/[0-9a-f]{64}\/layer.tar/, "../secret"),
    });
    expect((await refused("file://image")).story.what).toBe("image: parts of the image are missing");
  });
});

describe("a file that has not changed", () => {
  const made = anImage(["base", "app"]);
  /** Earlier, so that a change right after it is seen. */
  const settle = async () => {
    const past = new Date(Date.now() - 60_000);
    await utimes(join(project, "image.tar"), past, past);
    await new Promise((resolve) => setTimeout(resolve, 150));
  };

  it("is not read again: not even one that can no longer be read", async () => {
    await writeTar("image.tar", aLayout([made.descriptor], made.files));
    await settle();
    await read("file://image.tar");
    const { mtime } = await stat(join(project, "image.tar"));
    const drafts = store.draft.bind(store);
    let written = 0;
    store.draft = (stream) => {
      written += 1;
      return drafts(stream);
    };
    expect((await read("file://image.tar")).root.digest).toBe(made.manifest);
    expect(written).toBe(0);
    expect((await stat(join(project, "image.tar"))).mtime).toEqual(mtime);
  });

  it("is read again once it has another content", async () => {
    await writeTar("image.tar", aLayout([made.descriptor], made.files));
    await settle();
    await read("file://image.tar");
    const next = anImage(["base", "app 2"]);
    await writeTar("image.tar", aLayout([next.descriptor], next.files));
    expect((await read("file://image.tar")).root.digest).toBe(next.manifest);
  });

  it("is read again if the store has lost a blob of it", async () => {
    await writeTar("image.tar", aLayout([made.descriptor], made.files));
    await settle();
    await read("file://image.tar");
    await chmod(store.blobPath(made.config), 0o600);
    await rm(store.blobPath(made.config));
    await expectComplete(await read("file://image.tar"));
  });
});

describe("an image that is written by its digest", () => {
  const [old, now] = [anImage(["base", "app 1"]), anImage(["base", "app 2"])];
  beforeEach(async () => {
    await writeTar("image.tar", aLayout([old.descriptor], old.files));
    await read("file://image.tar");
    await writeTar("image.tar", aLayout([now.descriptor], now.files));
  });

  it("comes from the store, whatever the file has now", async () => {
    expect((await read(`file://image.tar@${old.manifest}`)).root.digest).toBe(old.manifest);
  });

  it("comes from the file, if that is the image", async () => {
    expect((await read(`file://image.tar@${now.manifest}`)).root.digest).toBe(now.manifest);
  });

  it("is known by that digest alone if neither has it: the hosts may", async () => {
    const image = parseFileImage(`file://gone.tar@${sha("unknown")}`);
    if (image === undefined) throw new TypeError("it is a file");
    expect(await readImageFile(image, project, store)).toEqual({ digest: sha("unknown"), stored: undefined });
  });
});
