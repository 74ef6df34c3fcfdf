import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ImageStore } from "../../../lab/image-store.ts";
import type { Lab } from "../../../lab/lab.ts";
import { BuildingStack } from "../../support/building-stack.ts";

const pushesWith = (store: ImageStore) => () => {
  const repositoryIn = ({ registry }: Lab): string => `${registry.server}/built/${store}`;
  const at = new BuildingStack(store, ({ lab, context }) => ({
    image: repositoryIn(lab),
    builder: { context: context.folder },
  }));

  it("is pushed under the commit with the login of the config, and pulled from there by its digest", async () => {
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    const { said } = await at.deployed();
    expect(said.stdout).toContain(`build ${repositoryIn(at.now.lab)} ${commit}   first build`);
    const [, digest] = /built and pushed \S+@(sha256:[0-9a-f]{12}) in/.exec(said.stdout) ?? [];
    expect(await at.version()).toBe("v1");
    const images = await at.now.host.docker.listImages();
    expect(images.flatMap(({ RepoDigests }) => RepoDigests ?? [])).toContainEqual(
      expect.stringContaining(`${repositoryIn(at.now.lab)}@${digest}`),
    );
    expect((await at.now.lab.registry.call(`/v2/built/${store}/tags/list`)).body).toContain(commit);
    expect((await at.now.docker.run(["info"])).stdout).not.toContain("Username");
  });

  it("has nothing to do while its files are the same: no build, no engine", async () => {
    const { said, engines, asked } = await at.deployed();
    expect([engines, asked]).toEqual([[], []]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("is not built again where its hosts have lost it and the registry has it", { tags: "long" }, async () => {
    const forget = () =>
      at.now.host.must(
        "docker rm -f $(docker ps -aq --filter label=service=shop); docker rmi -f $(docker images -q '*/built/*')",
      );
    await forget();
    await rm(join(at.now.stack.env.HOME ?? "", ".cache", "slipway", "images"), { recursive: true, force: true });
    const { said } = await at.deployed();
    expect(said.stdout).not.toContain("build ");
    expect(await at.version()).toBe("v1");
  });

  it("is refused with the reason where the registry denies it", async () => {
    await at.now.context.write({ "page.txt": "two" });
    await at.now.stack.secrets({ "slipway:registry.password": "not the right one" });
    const { code, stdout, stderr } = (await at.run("deploy")).said;
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("error[REGISTRY_DENIED]");
    expect(stdout + stderr).not.toContain("not the right one");
    expect(await at.version()).toBe("v1");
  });
};

describe("a stack that builds and pushes its image, by a Docker with its own layers", { tags: "long" }, pushesWith("classic"));
describe(
  "a stack that builds and pushes its image, by a Docker with containerd's store",
  { tags: "long" },
  pushesWith("containerd"),
);
