import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { ImageStore } from "../../../lab/image-store.ts";
import type { Lab } from "../../../lab/lab.ts";
import { OperatorDocker } from "../../../lab/operator-docker.ts";
import { operatorEngine } from "../../../lab/operator-engine.ts";
import { LabStack } from "../../../lab/stack.ts";
import { BuildContext } from "../../support/build-context.ts";
import { Calls, enginesIn } from "../../support/calls.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { type Said, slipway } from "../../support/slipway.ts";

const buildsWith = (store: ImageStore) => () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let env: NodeJS.ProcessEnv;
  let docker: OperatorDocker;
  let context: BuildContext;
  let calls: Calls;

  beforeAll(async () => {
    const { engine } = await operatorEngine(store);
    lab = await freshHosts(1);
    host = hostOf(lab);
    docker = await OperatorDocker.create(engine);
    context = await BuildContext.create();
    stack = await LabStack.create(lab, { builder: { context: context.folder } });
    calls = await Calls.of(stack);
    const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = docker.env;
    const bin = PATH.split(":")[0] ?? "";
    env = { ...stack.env, PATH: `${bin}:${stack.env.PATH}`, DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG };
  }, 900_000);
  afterAll(async () => {
    await calls[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
    await context[Symbol.asyncDispose]();
    await docker[Symbol.asyncDispose]();
  });

  const run = (command: string, ...args: readonly string[]) => slipway({ name: stack.name, env }, command, ...args);
  const built = (over: object = {}) => ({ builder: { context: context.folder, ...over } });
  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();
  const page = async () =>
    (await host.must("docker cp $(docker ps -q --filter label=service=shop):/page.txt - | tar -xO")).trim();
  async function deployed(...args: readonly string[]): Promise<{ said: Said; engines: string[] }> {
    let said: Said | undefined;
    const made = await calls.during(async () => {
      said = await run("deploy", ...args);
    });
    if (said === undefined) throw new Error("it was not run");
    expect(said.code, said.stdout + said.stderr).toBe(0);
    return { said, engines: enginesIn(made) };
  }

  it("says in the first preview what it will build, and what follows from it", async () => {
    const { code, stdout, stderr } = await run("deploy", "--preview");
    expect(code, stderr).toBe(4);
    const commit = await context.git("rev-parse", "--short", "HEAD");
    expect(stdout).toContain(`build shop ${commit}   first build`);
  });

  it("is released from its Dockerfile, under the commit", async () => {
    const commit = await context.git("rev-parse", "--short", "HEAD");
    const { said } = await deployed();
    expect(await version()).toBe("v1");
    expect(said.stdout).toMatch(/built shop@sha256:[0-9a-f]{12} in [\d.]+ s/);
    expect(said.stdout).toMatch(new RegExp(`released ${commit}-`));
  });

  it("has nothing to do while its files are the same: no build, no engine", async () => {
    const { said, engines } = await deployed();
    expect(engines).toEqual([]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("is built again when a file changes, and named after what is not committed", async () => {
    await context.write({ "page.txt": "two", "docs/ignored.md": "x" });
    const preview = await run("deploy", "--preview");
    const commit = await context.git("rev-parse", "--short", "HEAD");
    expect(preview.stdout).toMatch(new RegExp(`build shop ${commit}-[0-9a-f]{8} {3}1 file changed \\(page\\.txt\\)`));
    expect(preview.stdout).toContain("not committed: page.txt");
    const { said } = await deployed();
    expect(await page()).toBe("two");
    expect(said.stdout).toMatch(new RegExp(`released ${commit}-[0-9a-f]{8}-`));
  });

  it("is built again when a setting changes, and says which", { tags: "long" }, async () => {
    await stack.configure(built({ args: { VERSION: "v2" } }));
    const { said } = await deployed();
    expect(said.stdout).toMatch(/build shop \S+ {3}builder changed: args/);
    expect(await version()).toBe("v2");
  });

  it("has nothing to do after a commit of the same files", async () => {
    await context.commit("two");
    await context.write({ "docs/more.md": "x" });
    const { said, engines } = await deployed();
    expect(engines).toEqual([]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("changes nothing where its build fails, and shows the step", async () => {
    const before = await version();
    await context.write({ "docs/broken.Dockerfile": "FROM scratch\nCOPY no-such-file /\n" });
    await stack.configure(built({ dockerfile: join(context.folder, "docs/broken.Dockerfile") }));
    const { code, stdout, stderr } = await run("deploy");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("error[BUILD_FAILED]: the image could not be built: [1/1] COPY no-such-file /");
    expect(stdout + stderr).toMatch(/\| ERROR: .*no-such-file.*not found/);
    expect(await version()).toBe(before);
    await stack.configure(built());
  });

  it("is rolled back without a build, and built again from there on", { tags: "long" }, async () => {
    await stack.configure(built({ args: { VERSION: "v2" } }));
    await deployed();
    const { releases } = JSON.parse((await run("releases", "--json")).stdout) as ReleasesReport;
    const [, before] = releases;
    const back = await run("rollback", "--yes");
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect(await version()).toBe("v1");
    const file = await readFile(join(import.meta.dirname, "../../../stacks", `Pulumi.${stack.name}.yaml`), "utf8");
    expect(file).toMatch(new RegExp(`slipway:image: "?${before?.image}"?\\n`));
    expect(back.stdout).not.toContain("build shop");
    await context.write({ "page.txt": "three" });
    const { said } = await deployed();
    expect(said.stderr).toContain("slipway:image is written by digest, so slipway:builder builds nothing");
    await stack.configure({ ...built({ args: { VERSION: "v3" } }), image: undefined, version: undefined });
    await deployed();
    expect(await version()).toBe("v3");
  });

  it("is built again where neither its hosts nor this machine have it any more", async () => {
    const before = await version();
    await host.must(
      "docker rm -f $(docker ps -aq --filter label=service=shop); docker rmi -f $(docker images -q 127.0.0.1*/slipway/shop)",
    );
    await rm(join(stack.env.HOME ?? "", ".cache", "slipway", "images"), { recursive: true });
    const { said } = await deployed();
    expect(said.stdout).toMatch(/build shop \S+ {3}its image is missing on \S+, and on this machine \(drift\)/);
    expect(await version()).toBe(before);
  });
};

describe("a stack that builds its image, by a Docker with containerd's store", buildsWith("containerd"));
describe("a stack that builds its image, by a Docker with its own layers", { tags: "long" }, buildsWith("classic"));
