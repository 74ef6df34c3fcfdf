// @module-tag long
import { rm } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type BuildRequest, buildImage } from "../../../builder/index.ts";
import type { Builder } from "../../../core/builder.ts";
import { Mask } from "../../../core/mask.ts";
import { buildkitImage } from "../../../lab/buildkit.ts";
import { ImageStore } from "../../../registry/index.ts";
import { BuildingOperator } from "../../support/building-operator.ts";

const BUILDER: Builder = { context: ".", args: {}, secrets: [], platforms: [], provenance: "false", sbom: "false" };
const BOTH = ["linux/amd64", "linux/arm64"];

describe("a build for two CPUs, by a Docker that keeps images in its own layers", () => {
  const operator = new BuildingOperator("classic");
  let store: ImageStore;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const { lab, docker } = operator.now;
    env = { ...docker.env, SLIPWAY_BUILDKIT_IMAGE: (await buildkitImage(lab.registry)).ref };
    store = new ImageStore(operator.path("store"));
  }, 1_800_000);

  const build = (project: string, over: Partial<Builder> = {}) => {
    const builder = { ...BUILDER, ...over };
    const request: BuildRequest = {
      builder,
      project,
      platforms: BOTH,
      secrets: {},
      mask: new Mask(),
      env,
      signal: undefined,
      say: () => {},
      status: () => {},
    };
    return buildImage(request, "slipway.invalid/shop:built", store);
  };

  it("is made by a builder of its own, which limits its cache and is made once", async () => {
    const folder = await operator.context("two", "FROM scratch\nCOPY hello.txt /\n");
    const { stored } = await build(folder);
    expect(stored.platforms.map(({ arch }) => arch).sort()).toEqual(["amd64", "arm64"]);
    const running = await operator.now.host.docker.listContainers();
    expect(running.map(({ Names }) => Names[0])).toEqual(["/buildx_buildkit_slipway0"]);
    const { Args } = await operator.now.host.docker.getContainer("buildx_buildkit_slipway0").inspect();
    expect(Args.join(" ")).toContain("--oci-worker-gc-keepstorage 20000");
    await build(folder);
    expect((await operator.now.host.docker.listContainers()).length).toBe(1);
  });

  it("is the same image again while its files are, and a lost store is filled from the builder's cache", async () => {
    const folder = await operator.context("again", "FROM scratch\nCOPY hello.txt /\n");
    const { stored } = await build(folder);
    await rm(operator.path("store"), { recursive: true });
    const again = await build(folder);
    expect(again.stored.root.digest).toBe(stored.root.digest);
    expect(again.cached).toBe(again.steps);
  });

  it("is one image with statements about it, which no host gets", async () => {
    const folder = await operator.context("stated", "FROM scratch\nCOPY hello.txt /\n");
    const { stored } = await build(folder, { provenance: "mode=max" });
    expect(stored.platforms.map(({ arch }) => arch).sort()).toEqual(["amd64", "arm64"]);
    expect(stored.index).not.toBe(stored.root.digest);
  });
});
