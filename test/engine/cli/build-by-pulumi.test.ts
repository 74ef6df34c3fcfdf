// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostArchitecture } from "../../../lab/gobuild.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { OperatorDocker } from "../../../lab/operator-docker.ts";
import { operatorEngine } from "../../../lab/operator-engine.ts";
import { installPlugins } from "../../../lab/plugins/install.ts";
import { LabStack } from "../../../lab/stack.ts";
import { BuildContext } from "../../support/build-context.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { slipway } from "../../support/slipway.ts";

describe("a stack whose image is built by the Image of @pulumi/docker", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let env: NodeJS.ProcessEnv;
  let docker: OperatorDocker;
  let context: BuildContext;
  let repository: string;

  beforeAll(async () => {
    const { engine } = await operatorEngine("classic");
    lab = await freshHosts(1);
    host = hostOf(lab);
    docker = await OperatorDocker.create(engine);
    context = await BuildContext.create();
    repository = `${lab.registry.server}/built/by-pulumi`;
    // Nothing says what builds it: the package is installed, and knows all that is written.
    stack = await LabStack.create(lab, { image: repository, builder: { context: context.folder, arch: hostArchitecture() } });
    await installPlugins(stack.env.PULUMI_HOME ?? "");
    const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = docker.env;
    env = { ...stack.env, PATH: `${PATH.split(":")[0]}:${stack.env.PATH}`, DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG };
  }, 900_000);
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await context[Symbol.asyncDispose]();
    await docker[Symbol.asyncDispose]();
  });

  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();
  async function deployed(): Promise<string> {
    const { code, stdout, stderr } = await slipway({ name: stack.name, env }, "deploy");
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  }

  it("is pushed under the commit, and released by the digest that the registry has", async () => {
    const commit = await context.git("rev-parse", "--short", "HEAD");
    const stdout = await deployed();
    expect(stdout).toMatch(new RegExp(`released ${commit}-`));
    expect(await version()).toBe("v1");
    const { body } = await lab.registry.call("/v2/built/by-pulumi/tags/list");
    expect(body).toContain(commit);
    const names = (await host.docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
    expect(names).toEqual([expect.stringMatching(`^${repository}@sha256:`)]);
  });

  it("changes nothing while its files are the same", async () => {
    expect(await deployed()).not.toContain("released");
  });

  it("is built again when a file changes", async () => {
    await context.write({ "page.txt": "two" });
    const { stdout } = await slipway({ name: stack.name, env }, "deploy", "--preview");
    expect(stdout).toMatch(/release .*\(known after this run\)/);
    expect(await deployed()).toMatch(/released [0-9a-f]+-[0-9a-f]{8}-/);
  });
});
