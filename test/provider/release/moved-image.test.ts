import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import { type ImageStore, useImageStore } from "../../../lab/image-store.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { ImageFiles } from "../../support/image-file.ts";

const movesOn = (store: ImageStore) => () => {
  let lab: Lab;
  let host: LabHost;
  let files: ImageFiles;
  let app: App;
  let digest: string;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    await useImageStore(host, store);
    files = await ImageFiles.create();
    await files.layout("shop.tar", "v1");
    digest = await files.pushed(lab.registry, "moved:v1", "v1");
    const role = { proxy: false, readiness_delay: 1 };
    const servers = { web: { ...role, hosts: { [host.name]: host.address } }, worker: { ...role, hosts: [host.name] } };
    app = await App.create(lab, { image: files.url("shop.tar"), version: "1.4.2", servers });
    await app.released();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
    await useImageStore(host, "classic");
    await host.reset();
  });

  const inRegistry = () => `${lab.registry.server}/moved:v1@${digest}`;
  const running = () => host.must("docker ps --no-trunc --format '{{.ID}} {{.Names}}' | sort");

  it("restarts nothing when its image comes from a registry instead of this machine, and has it from there", async () => {
    const [before, release] = [await running(), app.state?.release];
    expect(before.trim().split("\n")).toHaveLength(2);
    expect((await app.preview({ image: inRegistry() })).split("\n").slice(1)).toEqual([
      `  ${lab.registry.server}/moved@${digest} is the image of shop@${digest}: nothing restarts`,
    ]);
    const { state, changes } = await app.released();
    expect(await running()).toEqual(before);
    expect(changes.map(({ what }) => what)).not.toContain("create container");
    expect(state).toMatchObject({ release, image: `${lab.registry.server}/moved@${digest}` });
    expect(state?.releases.map(({ image }) => image)).toEqual([`${lab.registry.server}/moved@${digest}`]);
    await host.must(`docker image inspect ${lab.registry.server}/moved@${digest}`);
    expect(await app.preview()).toBe("");
  });

  it("restarts nothing on the way back, and can start what is missing from there", async () => {
    const before = await running();
    await app.released({ image: files.url("shop.tar") });
    expect(await running()).toEqual(before);
    expect(await app.preview()).toBe("");
    await host.must("docker rm -f $(docker ps -q --filter label=role=web)");
    await app.released();
    expect((await running()).trim().split("\n")).toHaveLength(2);
    expect(await app.preview()).toBe("");
  });
};

describe("a release that comes from elsewhere now, in Docker's own layers", movesOn("classic"));
describe("a release that comes from elsewhere now, in containerd's store", { tags: "long" }, movesOn("containerd"));
