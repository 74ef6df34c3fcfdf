import { describe, expect, it } from "vitest";
import type { Host } from "../../../../hosts/index.ts";
import { bytesOf, type Parcel } from "../../../../providers/container/send-image.ts";
import { requireSpace } from "../../../../providers/release/disk.ts";
import { diskFor } from "../../../../providers/release/parcels.ts";

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
  const host = { name: "web-2" } as Host;
  const disk = (free: number) => Promise.resolve({ path: "/var/lib/docker", free, usedPercent: 90 });

  it("that has no room for the image is refused before anything is sent, with what it would take", async () => {
    await expect(requireSpace(host, disk(500 * MB), 385 * MB)).rejects.toThrow(
      /web-2: only 477 MB are free for the image[\s\S]*it takes about 385 MB there, and 268 MB are to stay free[\s\S]*docker system df/,
    );
  });

  it("that has room, or cannot be measured, is fine", async () => {
    await requireSpace(host, disk(700 * MB), 385 * MB);
    await requireSpace(host, Promise.resolve(undefined), 385 * MB);
  });
});
