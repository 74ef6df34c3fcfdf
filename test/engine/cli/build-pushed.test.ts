import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

const pushesWith = (store: ImageStore) => () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let env: NodeJS.ProcessEnv;
  let docker: OperatorDocker;
  let context: BuildContext;
  let calls: Calls;
  let repository: string;

  beforeAll(async () => {
    const { engine } = await operatorEngine(store);
    lab = await freshHosts(1);
    host = hostOf(lab);
    // Not logged in: the login is that of the config.
    docker = await OperatorDocker.create(engine);
    context = await BuildContext.create();
    repository = `${lab.registry.server}/built/${store}`;
    stack = await LabStack.create(lab, { image: repository, builder: { context: context.folder } });
    calls = await Calls.of(stack);
    const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = docker.env;
    env = { ...stack.env, PATH: `${PATH.split(":")[0]}:${stack.env.PATH}`, DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG };
  }, 900_000);
  afterAll(async () => {
    await calls[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
    await context[Symbol.asyncDispose]();
    await docker[Symbol.asyncDispose]();
  });

  const run = (command: string, ...args: readonly string[]) => slipway({ name: stack.name, env }, command, ...args);
  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();
  async function deployed(): Promise<{ said: Said; engines: string[] }> {
    let said: Said | undefined;
    const made = await calls.during(async () => {
      said = await run("deploy");
    });
    if (said === undefined) throw new Error("it was not run");
    expect(said.code, said.stdout + said.stderr).toBe(0);
    return { said, engines: enginesIn(made) };
  }

  it("is pushed under the commit with the login of the config, and pulled from there by its digest", async () => {
    const commit = await context.git("rev-parse", "--short", "HEAD");
    const { said } = await deployed();
    expect(said.stdout).toContain(`build ${repository} ${commit}   first build`);
    const [, digest] = /built and pushed \S+@(sha256:[0-9a-f]{12}) in/.exec(said.stdout) ?? [];
    expect(await version()).toBe("v1");
    const images = await host.docker.listImages();
    expect(images.flatMap(({ RepoDigests }) => RepoDigests ?? [])).toContainEqual(
      expect.stringContaining(`${repository}@${digest}`),
    );
    expect((await lab.registry.call(`/v2/built/${store}/tags/list`)).body).toContain(commit);
    expect((await docker.run(["info"])).stdout).not.toContain("Username");
  });

  it("has nothing to do while its files are the same: no build, no engine", async () => {
    const { said, engines } = await deployed();
    expect(engines).toEqual([]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("is not built again where its hosts have lost it and the registry has it", { tags: "long" }, async () => {
    const forget = () =>
      host.must("docker rm -f $(docker ps -aq --filter label=service=shop); docker rmi -f $(docker images -q '*/built/*')");
    await forget();
    await rm(join(stack.env.HOME ?? "", ".cache", "slipway", "images"), { recursive: true, force: true });
    const { said } = await deployed();
    expect(said.stdout).not.toContain("build ");
    expect(await version()).toBe("v1");
  });

  it("is refused with the reason where the registry denies it", async () => {
    await context.write({ "page.txt": "two" });
    await stack.secrets({ "slipway:registry.password": "not the right one" });
    const { code, stdout, stderr } = await run("deploy");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("error[REGISTRY_DENIED]");
    expect(stdout + stderr).not.toContain("not the right one");
    expect(await version()).toBe("v1");
  });
};

describe("a stack that builds and pushes its image, by a Docker with its own layers", pushesWith("classic"));
describe(
  "a stack that builds and pushes its image, by a Docker with containerd's store",
  { tags: "long" },
  pushesWith("containerd"),
);
