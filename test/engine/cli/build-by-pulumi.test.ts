// @module-tag long
import { beforeAll, describe, expect, it } from "vitest";
import { hostArchitecture } from "../../../lab/gobuild.ts";
import type { Lab } from "../../../lab/lab.ts";
import { installPlugins } from "../../../lab/plugins/install.ts";
import { BuildingStack } from "../../support/building-stack.ts";

describe("a stack whose image is built by the Image of @pulumi/docker", () => {
  const repositoryIn = ({ registry }: Lab): string => `${registry.server}/built/by-pulumi`;
  // Nothing says what builds it: the package is installed, and knows all that is written.
  const at = new BuildingStack("classic", ({ lab, context }) => ({
    image: repositoryIn(lab),
    builder: { context: context.folder, arch: hostArchitecture() },
  }));
  beforeAll(() => installPlugins(at.now.stack.env.PULUMI_HOME ?? ""));

  it("is pushed under the commit, and released by the digest that the registry has", async () => {
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    const { stdout } = (await at.deployed()).said;
    expect(stdout).toMatch(new RegExp(`released ${commit}-`));
    expect(await at.version()).toBe("v1");
    const { body } = await at.now.lab.registry.call("/v2/built/by-pulumi/tags/list");
    expect(body).toContain(commit);
    const names = (await at.now.host.docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
    // The host may have images of other tests.
    expect(names.filter((one) => one.includes("/built/"))).toEqual([
      expect.stringMatching(`^${repositoryIn(at.now.lab)}@sha256:`),
    ]);
  });

  it("changes nothing while its files are the same", async () => {
    expect((await at.deployed()).said.stdout).not.toContain("released");
  });

  it("is built again when a file changes", async () => {
    await at.now.context.write({ "page.txt": "two" });
    const { stdout } = (await at.run("deploy", "--preview")).said;
    expect(stdout).toMatch(/release .*\(known after this run\)/);
    expect((await at.deployed()).said.stdout).toMatch(/released [0-9a-f]+-[0-9a-f]{8}-/);
  });
});
