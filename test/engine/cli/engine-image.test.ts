import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { DoctorReport } from "../../../cli/doctor/report.ts";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import { hostArchitecture } from "../../../lab/gobuild.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { ImageStore } from "../../../lab/image-store.ts";
import type { Lab } from "../../../lab/lab.ts";
import { OperatorDocker } from "../../../lab/operator-docker.ts";
import { operatorEngine } from "../../../lab/operator-engine.ts";
import { LabStack } from "../../../lab/stack.ts";
import { BuildContext } from "../../support/build-context.ts";
import { Calls, enginesIn } from "../../support/calls.ts";
import { freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { type Said, slipway } from "../../support/slipway.ts";

const IMAGE = "engine://shop:dev";
const Blob = z.object({ digest: z.string() });

const takesFrom = (store: ImageStore) => () => {
  let lab: Lab;
  let operator: LabHost;
  let host: LabHost;
  let stack: LabStack;
  let docker: OperatorDocker;
  let context: BuildContext;
  let engines: Calls;
  let dockers: Calls;

  beforeAll(async () => {
    const at = await operatorEngine(store);
    operator = at.host;
    lab = await freshHosts(1);
    host = hostOf(lab);
    docker = await OperatorDocker.create(at.engine);
    context = await BuildContext.create();
    stack = await LabStack.create(lab, { image: IMAGE });
    const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = docker.env;
    const path = [PATH.split(delimiter)[0], stack.env.PATH].join(delimiter);
    Object.assign(stack.env, { PATH: path, DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG });
    dockers = await Calls.of(stack, "docker");
    engines = await Calls.of(stack);
  }, 900_000);
  afterAll(async () => {
    await engines[Symbol.asyncDispose]();
    await dockers[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
    await context[Symbol.asyncDispose]();
    await docker[Symbol.asyncDispose]();
  });

  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();

  /** As its user does it by hand. */
  async function build(tag: string, ...args: readonly string[]): Promise<void> {
    const { code, stderr } = await docker.run(["build", "--tag", tag, ...args, context.folder]);
    expect(code, stderr).toBe(0);
  }

  /** Takes the last layer of an image from containerd's store, which then collects more of it. */
  async function loseLayer(tag: string): Promise<void> {
    const content = "ctr --address /run/docker/containerd/containerd.sock --namespace moby content";
    const read = async (digest: string) => JSON.parse(await operator.must(`${content} get ${digest}`));
    const { stdout } = await docker.run(["image", "inspect", "--format", "{{.Id}}", tag]);
    const { manifests } = z.object({ manifests: z.array(Blob) }).parse(await read(stdout.trim()));
    const { layers } = z.object({ layers: z.array(Blob) }).parse(await read(manifests[0]?.digest ?? ""));
    await operator.must(`${content} rm ${layers.at(-1)?.digest}`);
  }

  /** A command, and what it started. */
  async function run(command: string, ...args: readonly string[]) {
    let said: Said | undefined;
    let asked: string[] = [];
    const started = await engines.during(async () => {
      asked = await dockers.during(async () => {
        said = await slipway(stack, command, ...args);
      });
    });
    if (said === undefined) throw new Error("it was not run");
    return { said, text: said.stdout + said.stderr, engines: enginesIn(started), asked };
  }
  async function deployed(...args: readonly string[]) {
    const done = await run("deploy", ...args);
    expect(done.said.code, done.text).toBe(0);
    return done;
  }
  async function refused(code: string) {
    const done = await run("deploy");
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
    expect(await host.docker.listContainers({ all: true })).toEqual([]);
  });

  it("is released as the engine has it, without a registry", async () => {
    await build("shop:dev");
    const { said } = await deployed();
    expect(await version()).toBe("v1");
    expect(said.stdout).toMatch(/image shop@sha256:[0-9a-f]{8}…/);
    expect((await liveOf(host)).image).toMatch(/^sha256:/);
  });

  it("has nothing to do while the engine has the same image: no engine of Pulumi, one process of docker", async () => {
    const { text, engines: started, asked } = await deployed();
    expect(started).toEqual([]);
    expect(asked).toEqual(["image inspect"]);
    expect(text).toContain("nothing to do");
  });

  it("has nothing to do after a build that took everything from its cache", async () => {
    await build("shop:dev");
    const { engines: started, asked } = await deployed();
    expect([started, asked]).toEqual([[], ["image inspect"]]);
  });

  it("is released again when its tag has moved", async () => {
    await build("shop:dev", "--build-arg", "VERSION=v2");
    const { said, engines: started, asked } = await deployed("--verbose");
    expect(started).toEqual(["up"]);
    expect(said.stderr).toContain("the image in the engine is a different one than this machine released last");
    expect(asked.filter((call) => call === "save")).toHaveLength(1);
    expect(await version()).toBe("v2");
  });

  it("is rolled back without the engine", async () => {
    const { releases } = JSON.parse((await slipway(stack, "releases", "--json")).stdout) as ReleasesReport;
    const old = releases[1]?.image.split("@")[1] ?? "";
    const back = await run("rollback", "--yes");
    expect(back.said.code, back.text).toBe(0);
    expect(back.asked).toEqual([]);
    expect(await version()).toBe("v1");
    const file = await readFile(join(import.meta.dirname, "../../../stacks", `Pulumi.${stack.name}.yaml`), "utf8");
    expect(file).toContain(`slipway:image: "${IMAGE}@${old}"`);
  });

  it("goes on from there without saving what it has saved", { tags: "long" }, async () => {
    const { engines: started, asked } = await deployed();
    expect([started, asked]).toEqual([[], []]);
    await stack.configure({ image: IMAGE });
    expect((await deployed()).asked).not.toContain("save");
    expect(await version()).toBe("v2");
  });

  it("is checked by doctor, like a file", { tags: "long" }, async () => {
    const engineOf = async () => {
      const { findings } = JSON.parse((await slipway(stack, "doctor", "--json")).stdout) as DoctorReport;
      return findings.find(({ check }) => check === "engine");
    };
    expect(await engineOf()).toMatchObject({ result: "fine", found: expect.stringMatching(/^engine:\/\/shop:dev is sha256:/) });
    await stack.configure({ image: "engine://shop:missing" });
    expect(await engineOf()).toMatchObject({ result: "wrong", found: "the Docker of this machine has no image shop:missing" });
    await stack.configure({ image: IMAGE });
  });

  it("is refused before it is sent if it is built for a different CPU", { tags: "long" }, async () => {
    await build("shop:other", "--platform", `linux/${hostArchitecture() === "amd64" ? "arm64" : "amd64"}`);
    await stack.configure({ image: "engine://shop:other" });
    const before = await version();
    await refused("IMAGE_WRONG_PLATFORM");
    expect(await version()).toBe(before);
  });

  it("is taken by its id as well, and by a canary", { tags: "long" }, async () => {
    const { stdout } = await docker.run(["image", "inspect", "--format", "{{.Id}}", "shop:1.4.2"]);
    const canary = { image: `engine://${stdout.trim()}`, percent: 100 };
    await stack.configure({ image: IMAGE, canary });
    await deployed();
    const answer = await fetch(`http://${host.address}/version`, { headers: { cookie: "kamal-rollout=anyone" } });
    expect((await answer.text()).trim()).toBe("v1");
    await stack.configure({ image: canary.image, canary: undefined });
    await deployed();
    expect(await version()).toBe("v1");
  });

  if (store === "containerd")
    it("is refused with what is missing if the engine does not have all of it", { tags: "long" }, async () => {
      await context.write({ "page.txt": "incomplete" });
      await build("shop:incomplete");
      await loseLayer("shop:incomplete");
      const before = await version();
      try {
        await stack.configure({ image: "engine://shop:incomplete" });
        const { text } = await refused("IMAGE_UNREADABLE");
        expect(text).toContain("shop:incomplete in the Docker of this machine: parts of the image are missing");
        expect(text).toMatch(/\| sha256:[0-9a-f]{64}[\s\S]*docker build --pull --no-cache/);
        expect(await version()).toBe(before);
      } finally {
        // Docker does not list an image that is not complete, so that no reset of the host would remove it.
        await docker.run(["image", "rm", "--force", "shop:incomplete"]);
      }
    });

  it("is refused if the engine does not answer, with which one that is", { tags: "long" }, async () => {
    await stack.configure({ image: IMAGE });
    const before = await version();
    const { env, name } = stack;
    const dead = await slipway({ name, env: { ...env, DOCKER_HOST: "unix:///no/such.sock" } }, "deploy");
    expect(dead.stdout + dead.stderr).toMatch(
      /error\[TOOL_MISSING\]: .*does not answer[\s\S]*DOCKER_HOST is unix:\/\/\/no\/such\.sock/,
    );
    expect(await version()).toBe(before);
  });
};

describe("a stack whose image is in an engine with containerd's store", takesFrom("containerd"));
describe("a stack whose image is in an engine with Docker's own layers", { tags: "long" }, takesFrom("classic"));
