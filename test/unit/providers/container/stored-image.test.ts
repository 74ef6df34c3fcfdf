import { describe, expect, it } from "vitest";
import { pinned } from "../../../../core/image-reference.ts";
import { storedReference } from "../../../../core/stored-image.ts";
import type { Image, ImageSummary } from "../../../../hosts/index.ts";
import { commonBase, knownLayers } from "../../../../providers/container/known-layers.ts";
import { imageOn, imageToRun, twinOn } from "../../../../providers/container/stored-image.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const CONFIG = `sha256:${"c0f1".repeat(16)}`;
const IMAGE = pinned(storedReference("shop"), DIGEST);
const known = {
  [DIGEST]: { index: DIGEST, platforms: [{ os: "linux", arch: "amd64", manifest: DIGEST, config: CONFIG }] },
};

interface Has {
  readonly id: string;
  readonly digests?: readonly string[];
  readonly layers?: readonly string[];
  readonly created?: number;
}

/** A Docker that has these images, and knows each by its id and its digests. */
function dockerWith(all: readonly Has[]) {
  const asked: string[] = [];
  return {
    asked,
    images: async () =>
      all.map(({ id, digests = [], created = 0 }) => ({ id, tags: [], digests, labels: {}, created }) as unknown as ImageSummary),
    image: async (ref: string) => {
      asked.push(ref);
      const found = all.find(({ id, digests = [] }) => id === ref || digests.includes(ref));
      return found && ({ id: found.id, arch: "amd64", layers: found.layers ?? [] } as unknown as Image);
    },
  };
}

describe("an image on a host", () => {
  it("of a registry is asked for by its name, and run by it", async () => {
    const docker = dockerWith([{ id: "a", digests: ["acme/shop@sha256:1"] }]);
    expect((await imageOn(docker, "acme/shop@sha256:1"))?.id).toBe("a");
    expect(await imageToRun({ name: "web-1", docker } as never, "acme/shop@sha256:2")).toBe("acme/shop@sha256:2");
  });

  it("of the store is never asked for by a name that has a registry, and is run by its id", async () => {
    const docker = dockerWith([{ id: "a", digests: [`127.0.0.1:23456/slipway/shop@${DIGEST}`] }]);
    expect((await imageOn(docker, IMAGE))?.id).toBe("a");
    expect(await imageToRun({ name: "web-1", docker } as never, IMAGE)).toBe("a");
    expect(new Set(docker.asked)).toEqual(new Set(["a"]));
  });

  it("of the store that was removed is refused, with what brings it back", async () => {
    const run = imageToRun({ name: "web-1", docker: dockerWith([]) } as never, IMAGE);
    await expect(run).rejects.toThrow(
      /web-1: the image, which came from this project's files, was removed[\s\S]*run pulumi up again/,
    );
  });
});

describe("the same image under another name", () => {
  const layers = { store: "layers" } as never;

  it("is found by its config where Docker knows images by that", async () => {
    expect((await twinOn(dockerWith([{ id: CONFIG }]), IMAGE, known, layers))?.id).toBe(CONFIG);
    expect(await twinOn(dockerWith([{ id: "other" }]), IMAGE, known, layers)).toBeUndefined();
  });

  it("is not looked for in containerd's store, nor for an image of which only the digest is known", async () => {
    const docker = dockerWith([{ id: CONFIG }]);
    expect(await twinOn(docker, IMAGE, known, { store: "containerd" } as never)).toBeUndefined();
    expect(await twinOn(docker, IMAGE, undefined, layers)).toBeUndefined();
    expect(docker.asked).toEqual([]);
  });
});

describe("the layers that a host has", () => {
  it("are those that an image there has in common from the bottom", async () => {
    const docker = dockerWith([
      { id: "a", layers: ["base"] },
      { id: "b", layers: ["base", "deps", "app 1"] },
      { id: "c", layers: ["other", "deps", "app 2"] },
    ]);
    expect(await knownLayers(docker, ["base", "deps", "app 2"])).toBe(2);
    expect(await knownLayers(docker, ["new"])).toBe(0);
    expect(await knownLayers(dockerWith([]), ["base"])).toBe(0);
  });

  it("are looked for in the newest images only, however many there are", async () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ id: `${at}`, created: at, layers: at === 49 ? ["base"] : [] }));
    const docker = dockerWith(many);
    expect(await knownLayers(docker, ["base"])).toBe(1);
    expect(docker.asked.length).toBeLessThanOrEqual(20);
  });

  it("end where they differ", () => {
    expect(commonBase(["a", "b", "c"], ["a", "x", "c"])).toBe(1);
    expect(commonBase(["a"], ["a", "b"])).toBe(1);
    expect(commonBase([], ["a"])).toBe(0);
  });
});
