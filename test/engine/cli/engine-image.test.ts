import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { DoctorReport } from "../../../cli/doctor/report.ts";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import { hostArchitecture } from "../../../lab/gobuild.ts";
import type { ImageStore } from "../../../lab/image-store.ts";
import { BuildingStack } from "../../support/building-stack.ts";
import { liveOf } from "../../support/hosts.ts";
import { slipway } from "../../support/slipway.ts";

const IMAGE = "engine://shop:dev";
const Blob = z.object({ digest: z.string() });

const takesFrom = (store: ImageStore) => () => {
  const at = new BuildingStack(store, () => ({ image: IMAGE }));

  /** As its user does it by hand. */
  async function build(tag: string, ...args: readonly string[]): Promise<void> {
    const { code, stderr } = await at.now.docker.run(["build", "--tag", tag, ...args, at.now.context.folder]);
    expect(code, stderr).toBe(0);
  }

  /** Takes the last layer of an image from containerd's store, which then collects more of it. */
  async function loseLayer(tag: string): Promise<void> {
    const content = "ctr --address /run/docker/containerd/containerd.sock --namespace moby content";
    const read = async (digest: string) => JSON.parse(await at.now.operator.must(`${content} get ${digest}`));
    const { stdout } = await at.now.docker.run(["image", "inspect", "--format", "{{.Id}}", tag]);
    const { manifests } = z.object({ manifests: z.array(Blob) }).parse(await read(stdout.trim()));
    const { layers } = z.object({ layers: z.array(Blob) }).parse(await read(manifests[0]?.digest ?? ""));
    await at.now.operator.must(`${content} rm ${layers.at(-1)?.digest}`);
  }

  async function refused(code: string) {
    const done = await at.run("deploy");
    expect(done.said.code).not.toBe(0);
    expect(done.text).toContain(`error[${code}]`);
    return done;
  }

  it("is refused if the engine has no such image, with the names that may be meant", async () => {
    await build("shop:1.4.2");
    const { text } = await refused("IMAGE_NOT_FOUND");
    expect(text).toContain("the Docker of this machine has no image shop:dev");
    expect(text).toContain("it has shop:1.4.2");
    // Not even a proxy.
    expect(await at.now.host.docker.listContainers({ all: true })).toEqual([]);
  });

  it("is released as the engine has it, without a registry", async () => {
    await build("shop:dev");
    const { said } = await at.deployed();
    expect(await at.version()).toBe("v1");
    expect(said.stdout).toMatch(/image shop@sha256:[0-9a-f]{8}…/);
    expect((await liveOf(at.now.host)).image).toMatch(/^sha256:/);
  });

  it("has nothing to do while the engine has the same image: no engine of Pulumi, one process of docker", async () => {
    const { text, engines: started, asked } = await at.deployed();
    expect(started).toEqual([]);
    expect(asked).toEqual(["image inspect"]);
    expect(text).toContain("nothing to do");
  });

  it("has nothing to do after a build that took everything from its cache", async () => {
    await build("shop:dev");
    const { engines: started, asked } = await at.deployed();
    expect([started, asked]).toEqual([[], ["image inspect"]]);
  });

  it("is released again when its tag has moved", async () => {
    await build("shop:dev", "--build-arg", "VERSION=v2");
    const { said, engines: started, asked } = await at.deployed("--verbose");
    expect(started).toEqual(["up"]);
    expect(said.stderr).toContain("the image in the engine is a different one than this machine released last");
    expect(asked.filter((call) => call === "save")).toHaveLength(1);
    expect(await at.version()).toBe("v2");
  });

  it("is rolled back without the engine", async () => {
    const { releases } = JSON.parse((await slipway(at.now.stack, "releases", "--json")).stdout) as ReleasesReport;
    const old = releases[1]?.image.split("@")[1] ?? "";
    const back = await at.run("rollback", "--yes");
    expect(back.said.code, back.text).toBe(0);
    expect(back.asked).toEqual([]);
    expect(await at.version()).toBe("v1");
    const file = await readFile(join(import.meta.dirname, "../../../stacks", `Pulumi.${at.now.stack.name}.yaml`), "utf8");
    expect(file).toContain(`slipway:image: "${IMAGE}@${old}"`);
  });

  it("goes on from there without saving what it has saved", { tags: "long" }, async () => {
    const { engines: started, asked } = await at.deployed();
    expect([started, asked]).toEqual([[], []]);
    await at.now.stack.configure({ image: IMAGE });
    expect((await at.deployed()).asked).not.toContain("save");
    expect(await at.version()).toBe("v2");
  });

  it("is checked by doctor, like a file", { tags: "long" }, async () => {
    const engineOf = async () => {
      const { findings } = JSON.parse((await slipway(at.now.stack, "doctor", "--json")).stdout) as DoctorReport;
      return findings.find(({ check }) => check === "engine");
    };
    expect(await engineOf()).toMatchObject({ result: "fine", found: expect.stringMatching(/^engine:\/\/shop:dev is sha256:/) });
    await at.now.stack.configure({ image: "engine://shop:missing" });
    expect(await engineOf()).toMatchObject({ result: "wrong", found: "the Docker of this machine has no image shop:missing" });
    await at.now.stack.configure({ image: IMAGE });
  });

  it("is refused before it is sent if it is built for a different CPU", { tags: "long" }, async () => {
    await build("shop:other", "--platform", `linux/${hostArchitecture() === "amd64" ? "arm64" : "amd64"}`);
    await at.now.stack.configure({ image: "engine://shop:other" });
    const before = await at.version();
    await refused("IMAGE_WRONG_PLATFORM");
    expect(await at.version()).toBe(before);
  });

  it("is taken by its id as well, and by a canary", { tags: "long" }, async () => {
    const { stdout } = await at.now.docker.run(["image", "inspect", "--format", "{{.Id}}", "shop:1.4.2"]);
    const canary = { image: `engine://${stdout.trim()}`, percent: 100 };
    await at.now.stack.configure({ image: IMAGE, canary });
    await at.deployed();
    const answer = await fetch(`http://${at.now.host.address}/version`, { headers: { cookie: "kamal-rollout=anyone" } });
    expect((await answer.text()).trim()).toBe("v1");
    await at.now.stack.configure({ image: canary.image, canary: undefined });
    await at.deployed();
    expect(await at.version()).toBe("v1");
  });

  if (store === "containerd")
    it("is refused with what is missing if the engine does not have all of it", { tags: "long" }, async () => {
      await at.now.context.write({ "page.txt": "incomplete" });
      await build("shop:incomplete");
      await loseLayer("shop:incomplete");
      const before = await at.version();
      try {
        await at.now.stack.configure({ image: "engine://shop:incomplete" });
        const { text } = await refused("IMAGE_UNREADABLE");
        expect(text).toContain("shop:incomplete in the Docker of this machine: parts of the image are missing");
        expect(text).toMatch(/\| sha256:[0-9a-f]{64}[\s\S]*docker build --pull --no-cache/);
        expect(await at.version()).toBe(before);
      } finally {
        // Docker does not list an image that is not complete, so that no reset of the host would remove it.
        await at.now.docker.run(["image", "rm", "--force", "shop:incomplete"]);
      }
    });

  it("is refused if the engine does not answer, with which one that is", { tags: "long" }, async () => {
    await at.now.stack.configure({ image: IMAGE });
    const before = await at.version();
    const { env, name } = at.now.stack;
    const dead = await slipway({ name, env: { ...env, DOCKER_HOST: "unix:///no/such.sock" } }, "deploy");
    expect(dead.stdout + dead.stderr).toMatch(
      /error\[TOOL_MISSING\]: .*does not answer[\s\S]*DOCKER_HOST is unix:\/\/\/no\/such\.sock/,
    );
    expect(await at.version()).toBe(before);
  });
};

describe("a stack whose image is in an engine with containerd's store", { tags: "long" }, takesFrom("containerd"));
describe("a stack whose image is in an engine with Docker's own layers", { tags: "long" }, takesFrom("classic"));
