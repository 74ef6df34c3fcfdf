import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import { addressesOf, type LabStack } from "../../../lab/stack.ts";
import { BuildingStack } from "../../support/building-stack.ts";
import { hostOf } from "../../support/hosts.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { askInTerminal, slipway } from "../../support/slipway.ts";

const COMMENT = "# production, reviewed by ops\n";

describe("a release that is promoted from one stack to another", { tags: "long" }, () => {
  const at = new BuildingStack(
    "containerd",
    ({ lab, context }) => ({
      builder: { context: context.folder },
      servers: { web: { hosts: addressesOf(lab.hosts.slice(0, 1)) } },
    }),
    2,
  );
  let production: LabStack;
  let host: LabHost;

  beforeAll(async () => {
    const { lab, stack, context } = at.now;
    host = hostOf(lab, 1);
    production = await stack.sibling(lab, {
      builder: { context: context.folder },
      servers: { web: { hosts: addressesOf([host]) } },
      env: { clear: { COLOR: "green" } },
    });
    await writeFile(production.file, COMMENT + (await readFile(production.file, "utf8")));
  });

  const file = () => readFile(production.file, "utf8");
  const promote = (...more: readonly string[]) => at.watched(() => slipway(production, "promote", at.now.stack.name, ...more));
  const page = async (on: LabHost) =>
    (await on.must("docker cp $(docker ps -q --filter label=service=shop):/page.txt - | tar -xO")).trim();
  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();
  /** The image of the container that runs, as Docker has it. */
  const imageOn = async (on: LabHost) =>
    (await on.must("docker inspect --format '{{.Image}}' $(docker ps -q --filter label=service=shop)")).trim();

  it("is not taken from a stack that has released nothing", async () => {
    const { said } = await promote("--yes");
    expect(said.code).toBe(2);
    expect(said.stderr).toContain("error[STACK_EMPTY]");
  });

  it("is the same image under the same version, without a build, with the config of its own stack", async () => {
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    await at.deployed();
    const { said, engines, asked, text } = await promote("--yes");
    expect(said.code, text).toBe(0);
    expect([engines, asked]).toEqual([["up"], []]);
    expect(said.stdout).toMatch(new RegExp(`^promote ${commit} \\(shop@sha256:[0-9a-f]{64}\\) from ${at.now.stack.name} to`));
    expect(said.stdout).not.toContain("build shop");
    expect(await imageOn(host)).toBe(await imageOn(at.now.host));
    expect(await version()).toBe("v1");
    expect(await host.must("docker inspect $(docker ps -q --filter label=service=shop)")).toContain("COLOR=green");
    expect(await file()).toMatch(new RegExp(`^${COMMENT}[\\s\\S]*slipway:image: "?slipway.invalid/shop@sha256:[0-9a-f]{64}"?\n`));
    expect(await file()).toMatch(new RegExp(`slipway:version: "?${commit}"?\n`));
    expect(said.stderr).toContain("nothing is built for this stack while they are there");
  });

  it("is live already: nothing is done, and no engine started", async () => {
    const before = await file();
    const { said, engines } = await promote("--yes");
    expect(said.code, said.stderr).toBe(0);
    expect(said.stdout).toMatch(/^nothing to do: \S+ runs \S+ \(shop@sha256:[0-9a-f]{64}\) already\n/);
    expect(engines).toEqual([]);
    expect(await file()).toBe(before);
    const next = await at.watched(() => slipway(production, "deploy"));
    expect(next.text).toContain("nothing to do");
    expect(next.said.stderr).toContain("slipway:image is written by digest, so slipway:builder builds nothing");
  });

  it("is refused while a host of the other stack runs something else, which is named", { tags: "long" }, async () => {
    const { host: from } = at.now;
    await from.must("docker stop $(docker ps -q --filter label=service=shop)");
    const before = await file();
    const { said, engines } = await promote("--yes");
    expect([said.code, engines]).toEqual([2, []]);
    expect(said.stderr).toMatch(
      new RegExp(`error\\[RELEASE_MIXED\\].* does not run it on ${from.name}\n {2}\\| ${from.name}: web is not running`),
    );
    expect(await file()).toBe(before);
    // Its state alone says what it released, which is what production runs.
    expect((await promote("--yes", "--recorded")).said.stdout).toMatch(/^nothing to do: /);
    await at.deployed();
  });

  it("is refused with the names that may be meant", async () => {
    const { stack } = at.now;
    const refused = async (...args: readonly string[]) => {
      const { code, stderr } = await slipway(production, "promote", ...args);
      expect(code).toBe(2);
      return stderr;
    };
    const misspelled = await refused(`${stack.name}x`, "--yes");
    expect(misspelled).toContain(`there is no stack ${stack.name}x in this project`);
    expect(misspelled).toContain(`did you mean ${stack.name}?`);
    expect(await refused(production.name, "--yes")).toContain("is the stack that would get the release");
    expect(await refused(stack.name)).toContain("a promotion needs a confirmation");
  });

  it("is refused where neither the hosts nor this machine have the image, and nothing is changed", { tags: "long" }, async () => {
    await at.now.context.write({ "page.txt": "two" });
    await at.deployed();
    await rm(join(at.now.stack.env.HOME ?? "", ".cache", "slipway", "images"), { recursive: true });
    const before = await file();
    const { said, engines } = await promote("--yes");
    expect([said.code, engines]).toEqual([2, []]);
    expect(said.stderr).toContain("error[IMAGE_NOT_FOUND]");
    expect(said.stderr).toContain(`is missing on ${host.name}, and not in Slipway's cache on this machine`);
    expect(await file()).toBe(before);
    expect(await page(host)).toBe("one");
  });

  it("comes from a registry as well, by the digest that the tag had", { tags: "long" }, async () => {
    const { lab, stack } = at.now;
    const { ref, digest } = await lab.image("shop", "v2");
    await stack.configure({ image: ref, builder: undefined });
    await at.deployed();
    const { said, engines, text } = await promote("--yes");
    expect(said.code, text).toBe(0);
    expect(engines).toEqual(["up"]);
    expect(await version()).toBe("v2");
    expect(await file()).toContain(`${ref.replace(/:[^:/]+$/, "")}@${digest}`);
    expect(await file()).toMatch(/slipway:version: "?v2"?\n/);
  });

  it("is shown first, and changes nothing before there is a yes", { tags: "long" }, async () => {
    const { ref } = await at.now.lab.image("shop", "v1");
    await at.now.stack.configure({ image: ref });
    await at.deployed();
    const before = await file();
    const mutations = await mutationsDuring([host], async () => {
      const asking = askInTerminal(production, "rows 40 cols 200", "promote", at.now.stack.name);
      await asking.saw("[y/N]");
      expect(await file()).toBe(before);
      asking.process.stdin.write("n\n");
      const { code, stdout } = await asking.done;
      expect(code, stdout).toBe(1);
      expect(stdout).toMatch(
        /config: ~slipway:image, ~slipway:version\r\n[\s\S]*slipway:Release shop\r\n {2}release \S+ {2}\(was /,
      );
    });
    expect(mutations).toEqual(nothingOn([host]));
    expect(await file()).toBe(before);
    expect(await version()).toBe("v2");
  });

  it("is released as it was shown, by one run", { tags: "long" }, async () => {
    const { said, engines, asked } = await at.watched(async () => {
      const asking = askInTerminal(production, "rows 40 cols 200", "promote", at.now.stack.name);
      await asking.saw("[y/N]");
      asking.process.stdin.write("y\n");
      return asking.done;
    });
    expect(said.code, said.stdout).toBe(0);
    expect([engines, asked]).toEqual([["up"], []]);
    expect(await version()).toBe("v1");
    expect(await imageOn(host)).toBe(await imageOn(at.now.host));
  });
});
