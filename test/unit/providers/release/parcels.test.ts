import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Host } from "../../../../hosts/index.ts";
import { ownStore } from "../../../../providers/container/own-store.ts";
import { bytesOf, type Parcel } from "../../../../providers/container/send-image.ts";
import { requireSpace, withSpace } from "../../../../providers/release/disk.ts";
import { diskFor, parcelFor } from "../../../../providers/release/parcels.ts";
import { TYPE } from "../../../../registry/store/oci.ts";

const MB = 1_000_000;

const aParcel = (over: Partial<Parcel> & { readonly mediaType?: string } = {}): Parcel => {
  const { mediaType = "application/vnd.oci.image.layer.v1.tar+gzip", ...rest } = over;
  const layers = [100, 10].map((size, at) => ({ mediaType, digest: `sha256:${at}`, size: size * MB }));
  const part = { mediaType: "", digest: "", size: 1 };
  const platform = { os: "linux", arch: "amd64", manifest: part, config: part, layers, diffIds: ["0", "1"] };
  return { image: "", store: undefined as never, stored: undefined as never, platform, known: 0, into: "layers", ...rest };
};

describe("what an image needs on a host", () => {
  it("are the layers that are not there, as they are unpacked", () => {
    expect(diskFor([aParcel()])).toBe(385 * MB);
    expect(diskFor([aParcel({ known: 1 })])).toBe(35 * MB);
    expect(diskFor([aParcel({ mediaType: "application/vnd.oci.image.layer.v1.tar" })])).toBe(110 * MB);
    expect(diskFor([aParcel({ known: 2 })])).toBe(0);
  });

  it("are the blobs as well where Docker keeps them", () => {
    expect(diskFor([aParcel({ known: 1, into: "containerd" })])).toBe(45 * MB);
  });

  it("is that of all its images", () => {
    expect(diskFor([aParcel({ known: 1 }), aParcel({ known: 1 })])).toBe(70 * MB);
  });

  it("travels without what is there", () => {
    expect([0, 1, 2].map((known) => bytesOf(aParcel({ known })))).toEqual([110 * MB, 10 * MB, 0]);
  });
});

describe("a disk", () => {
  const spare = vi.fn(async () => ({ images: 1200 * MB, buildCache: 0 }));
  const host = { name: "web-2", docker: { spareDisk: spare } } as unknown as Host;
  const disk = (free: number) => Promise.resolve({ path: "/var/lib/docker", free, usedPercent: 90 });

  it("that has no room for the image is refused before anything is sent, with what it would take", async () => {
    await expect(requireSpace(host, disk(500 * MB), 385 * MB)).rejects.toThrow(
      /web-2: only 477 MB are free for the image[\s\S]*it takes about 385 MB there, and 268 MB are to stay free[\s\S]*docker system df/,
    );
  });

  it("that is full is reported with what could be freed there", async () => {
    const refused = () => requireSpace(host, disk(0));
    await expect(refused()).rejects.toThrow("could be freed: 1.2 GB of images that no container uses (docker image prune --all)");
    spare.mockResolvedValueOnce({ images: 0, buildCache: 3 * MB });
    await expect(refused()).rejects.toThrow("could be freed: 3.0 MB of build cache (docker builder prune)");
    spare.mockResolvedValueOnce({ images: 0, buildCache: 0 });
    await expect(refused()).rejects.toThrow("Docker itself has nothing there that could be freed");
    spare.mockRejectedValueOnce(new Error("no answer in 20 s"));
    await expect(refused()).rejects.toThrow(/only 0 MB are free(?![\s\S]*freed)/);
  });

  it("that becomes full during a pull is reported in the same way, and any other failure as it was", async () => {
    const full = new Error("write /var/lib/docker/tmp/GetImageBlob1: no space left on device");
    const story = await withSpace(host, full, 385 * MB);
    expect(story).toMatchObject({
      cause: full,
      story: { code: "DISK_FULL", evidence: expect.arrayContaining([full.message, expect.stringContaining("about 385 MB")]) },
    });
    const other = new Error("unexpected EOF");
    expect(await withSpace(host, other, 385 * MB)).toBe(other);
  });

  it("that has room, or cannot be measured, is fine", async () => {
    await requireSpace(host, disk(700 * MB), 385 * MB);
    await requireSpace(host, Promise.resolve(undefined), 385 * MB);
  });
});

describe("an image for a host", () => {
  let cache: string;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), "slipway-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", cache);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true, force: true });
  });

  const host = { name: "web-2", docker: { images: async () => [], image: async () => undefined } } as unknown as Host;
  const info = { store: "layers" } as Parameters<typeof parcelFor>[3];
  const docker = { engine: "26.1.5", arch: "amd64" };

  /** Its name as a release has it. */
  async function stored(layerType: string, arch = "amd64"): Promise<string> {
    const store = ownStore();
    const layer = { mediaType: layerType, ...(await store.write(`a layer of ${layerType}`)) };
    const config = { mediaType: TYPE.config, ...(await store.write("{}")) };
    const root = { mediaType: TYPE.manifest, ...(await store.write(JSON.stringify({ config, layers: [layer], arch }))) };
    const platforms = [{ os: "linux", arch, manifest: root, config, layers: [layer], diffIds: ["1"] }];
    await store.add({ schema: 1, root, index: root.digest, platforms });
    return `slipway.invalid/shop@${root.digest}`;
  }

  it("has what is for its CPU", async () => {
    const image = await stored(TYPE.layer);
    expect(await parcelFor(image, host, docker, info)).toMatchObject({
      image,
      known: 0,
      into: "layers",
      platform: { arch: "amd64" },
    });
  });

  it("that has no part for its CPU is refused, with the platform to build for", async () => {
    const image = await stored(TYPE.layer, "arm64");
    await expect(parcelFor(image, host, docker, info)).rejects.toThrow(
      /web-2: the image is built for linux\/arm64; this host is linux\/amd64[\s\S]*--platform linux\/amd64/,
    );
  });

  it("that this machine does not have is refused, with where it is", async () => {
    const image = `slipway.invalid/shop@sha256:${"0".repeat(64)}`;
    await expect(parcelFor(image, host, docker, info)).rejects.toThrow(
      /not in Slipway's cache on this machine[\s\S]*the machine that released it/,
    );
  });

  it("with layers of zstd is refused where Docker cannot read them", async () => {
    const image = await stored("application/vnd.oci.image.layer.v1.tar+zstd");
    await expect(parcelFor(image, host, { ...docker, engine: "20.10.24" }, info)).rejects.toThrow(
      /zstd, which Docker 20\.10\.24 cannot read/,
    );
    expect(await parcelFor(image, host, docker, info)).toMatchObject({ image });
    const containerd = { ...info, store: "containerd" as const };
    expect(await parcelFor(image, host, { ...docker, engine: "20.10.24" }, containerd)).toMatchObject({ image });
  });
});
