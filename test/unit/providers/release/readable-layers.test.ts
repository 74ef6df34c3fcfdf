import { describe, expect, it } from "vitest";
import type { Host } from "../../../../hosts/index.ts";
import { requireReadableInRegistry } from "../../../../providers/release/readable-layers.ts";
import { MemoryRegistry } from "../../registry/signatures/memory-registry.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const [GZIP, ZSTD] = ["gzip", "zstd"].map((how) => `application/vnd.oci.image.layer.v1.tar+${how}`);

const host = { name: "web-2" } as Host;
const OLD = { engine: "20.10.24", arch: "amd64" };
const layers = { store: "layers" } as const;

/** An image whose layers are compressed with gzip for amd64, and with zstd for arm64. */
async function anImage() {
  const registry = await MemoryRegistry.start();
  const [amd64, arm64] = [GZIP, ZSTD].map((mediaType) =>
    registry.add("shop", { layers: [{ mediaType: GZIP }, { mediaType }] }, MANIFEST),
  );
  const one = (architecture: string, digest = "") => ({ digest, platform: { os: "linux", architecture } });
  const attestation = { digest: `sha256:${"0".repeat(64)}`, platform: { os: "unknown", architecture: "unknown" } };
  const index = registry.add("shop", { manifests: [attestation, one("amd64", amd64), one("arm64", arm64)] }, INDEX);
  const ref = (digest = "") => `${registry.server}/shop@${digest}`;
  return { registry, index: ref(index), gzip: ref(amd64), zstd: ref(arm64) };
}

describe("an image in a registry", () => {
  it("is refused if the host's Docker cannot read its layers: before the first byte, with the way out", async () => {
    const { registry, index, zstd } = await anImage();
    await using _ = registry;
    for (const image of [index, zstd])
      await expect(requireReadableInRegistry(image, host, { ...OLD, arch: "arm64" }, layers, undefined)).rejects.toThrow(
        /web-2: the image has layers that are compressed with zstd, which Docker 20.10.24 cannot read[\s\S]*next: build it with gzip/,
      );
  });

  it("is fine with layers that it can read for its CPU", async () => {
    const { registry, index, gzip } = await anImage();
    await using _ = registry;
    for (const image of [index, gzip]) await requireReadableInRegistry(image, host, OLD, layers, undefined);
    expect(registry.asked).toHaveLength(3);
  });

  it.each([
    ["an engine that reads both", { ...OLD, engine: "26.1.5" }, layers],
    ["containerd's store", OLD, { store: "containerd" } as const],
  ])("is not asked for by %s", async (_what, engine, info) => {
    const { registry, zstd } = await anImage();
    await using _ = registry;
    await requireReadableInRegistry(zstd, host, { ...engine, arch: "arm64" }, info, undefined);
    expect(registry.asked).toEqual([]);
  });

  it("is left to the host where this machine does not reach the registry", async () => {
    const image = `127.0.0.1:1/shop@sha256:${"9f31".repeat(16)}`;
    expect(await requireReadableInRegistry(image, host, OLD, layers, undefined)).toBeUndefined();
  });
});
