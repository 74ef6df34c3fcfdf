import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import type { ImageStore } from "../../../lab/image-store.ts";
import { BuildingStack } from "../../support/building-stack.ts";

const buildsWith = (store: ImageStore) => () => {
  const at = new BuildingStack(store, ({ context }) => ({ builder: { context: context.folder } }));

  const built = (over: object = {}) => ({ builder: { context: at.now.context.folder, ...over } });
  const page = async () =>
    (await at.now.host.must("docker cp $(docker ps -q --filter label=service=shop):/page.txt - | tar -xO")).trim();

  it("says in the first preview what it will build, and what follows from it", async () => {
    const { code, stdout, stderr } = (await at.run("deploy", "--preview")).said;
    expect(code, stderr).toBe(4);
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    expect(stdout).toContain(`build shop ${commit}   first build`);
  });

  it("is released from its Dockerfile, under the commit", async () => {
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    const { said } = await at.deployed();
    expect(await at.version()).toBe("v1");
    expect(said.stdout).toMatch(/built shop@sha256:[0-9a-f]{12} in [\d.]+ s/);
    expect(said.stdout).toMatch(new RegExp(`released ${commit}-`));
  });

  it("has nothing to do while its files are the same: no build, no engine", async () => {
    const { said, engines, asked } = await at.deployed();
    expect([engines, asked]).toEqual([[], []]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("is built again when a file changes, and named after what is not committed", async () => {
    await at.now.context.write({ "page.txt": "two", "docs/ignored.md": "x" });
    const { said: preview } = await at.run("deploy", "--preview");
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    expect(preview.stdout).toMatch(new RegExp(`build shop ${commit}-[0-9a-f]{8} {3}1 file changed \\(page\\.txt\\)`));
    expect(preview.stdout).toContain("not committed: page.txt");
    const { said } = await at.deployed();
    expect(await page()).toBe("two");
    expect(said.stdout).toMatch(new RegExp(`released ${commit}-[0-9a-f]{8}-`));
  });

  it("is built again when a setting changes, and says which", { tags: "long" }, async () => {
    await at.now.stack.configure(built({ args: { VERSION: "v2" } }));
    const { said } = await at.deployed();
    expect(said.stdout).toMatch(/build shop \S+ {3}builder changed: args/);
    expect(await at.version()).toBe("v2");
  });

  it("has nothing to do after a commit of the same files", async () => {
    await at.now.context.commit("two");
    await at.now.context.write({ "docs/more.md": "x" });
    const { said, engines, asked } = await at.deployed();
    expect([engines, asked]).toEqual([[], []]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("is built from the commit with clean, and refused with clean: true while anything else is there", async () => {
    const { context, stack } = at.now;
    const before = await page();
    await context.write({ "page.txt": "not committed" });
    const clean = (value: true | "commit") => ({ builder: { context: context.folder, clean: value } });
    await stack.configure(clean("commit"));
    const commit = await context.git("rev-parse", "--short", "HEAD");
    const { said } = await at.deployed();
    expect(said.stdout).toMatch(
      new RegExp(`build shop ${commit} {3}builder changed: .*clean\\n {4}left out, since not committed: page\\.txt\\n`),
    );
    expect(await page()).toBe(before);
    expect((await at.deployed()).text).toContain("nothing to do");

    await stack.configure(clean(true));
    const refused = await at.run("deploy");
    expect(refused.said.code, refused.text).toBe(1);
    expect(refused.text).toContain("builds what is committed, and 1 file of the context is not\n  | page.txt\n");
    await context.commit("three");
    const { said: next } = await at.deployed();
    expect(next.stdout).toContain(`build shop ${await context.git("rev-parse", "--short", "HEAD")}   1 file changed (page.txt)`);
    expect(await page()).toBe("not committed");
    await stack.configure(built());
    await at.deployed();
  });

  it("changes nothing where its build fails, and shows the step", async () => {
    const before = await at.version();
    await at.now.context.write({ "docs/broken.Dockerfile": "FROM scratch\nCOPY no-such-file /\n" });
    await at.now.stack.configure(built({ dockerfile: join(at.now.context.folder, "docs/broken.Dockerfile") }));
    const { code, stdout, stderr } = (await at.run("deploy")).said;
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("error[BUILD_FAILED]: the image could not be built: [1/1] COPY no-such-file /");
    expect(stdout + stderr).toMatch(/\| ERROR: .*no-such-file.*not found/);
    expect(await at.version()).toBe(before);
    await at.now.stack.configure(built());
  });

  it("is rolled back without a build, and built again from there on", { tags: "long" }, async () => {
    await at.now.stack.configure(built({ args: { VERSION: "v2" } }));
    await at.deployed();
    const { releases } = JSON.parse((await at.run("releases", "--json")).said.stdout) as ReleasesReport;
    const [, before] = releases;
    const { said: back } = await at.run("rollback", "--yes");
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect(await at.version()).toBe("v1");
    const file = await readFile(join(import.meta.dirname, "../../../stacks", `Pulumi.${at.now.stack.name}.yaml`), "utf8");
    expect(file).toMatch(new RegExp(`slipway:image: "?${before?.image}"?\\n`));
    expect(back.stdout).not.toContain("build shop");
    await at.now.context.write({ "page.txt": "three" });
    const { said } = await at.deployed();
    expect(said.stderr).toContain("slipway:image is written by digest, so slipway:builder builds nothing");
    await at.now.stack.configure({ ...built({ args: { VERSION: "v3" } }), image: undefined, version: undefined });
    await at.deployed();
    expect(await at.version()).toBe("v3");
  });

  it("is built again where neither its hosts nor this machine have it any more", async () => {
    const before = await at.version();
    await at.now.host.must(
      "docker rm -f $(docker ps -aq --filter label=service=shop); docker rmi -f $(docker images -q 127.0.0.1*/slipway/shop)",
    );
    await rm(join(at.now.stack.env.HOME ?? "", ".cache", "slipway", "images"), { recursive: true });
    const { said } = await at.deployed();
    expect(said.stdout).toMatch(/build shop \S+ {3}its image is missing on \S+, and on this machine \(drift\)/);
    expect(await at.version()).toBe(before);
  });
};

describe("a stack that builds its image, by a Docker with containerd's store", buildsWith("containerd"));
describe("a stack that builds its image, by a Docker with its own layers", { tags: "long" }, buildsWith("classic"));
