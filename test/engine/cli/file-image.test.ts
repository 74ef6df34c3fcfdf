import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import type { Bytes } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { nodeImage } from "../../../lab/node.ts";
import { LabStack } from "../../../lab/stack.ts";
import { Calls, enginesIn } from "../../support/calls.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { ImageFiles, noisyLayer } from "../../support/image-file.ts";
import { type Said, slipway } from "../../support/slipway.ts";

const MB: Bytes = 1024 * 1024;

describe("a stack whose image is a file", { tags: "long" }, () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let calls: Calls;
  let files: ImageFiles;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    files = await ImageFiles.create();
    await files.layout("shop.tar", "v1", [await noisyLayer("one", MB)]);
    stack = await LabStack.create(lab, {
      image: files.url("shop.tar"),
      schedule: { image: (await nodeImage(lab.registry, "24-slim")).ref },
      jobs: { check: { schedule: "0 0 1 1 *", cmd: "/app check" } },
    });
    calls = await Calls.of(stack);
  }, 900_000);
  afterAll(async () => {
    await calls[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
  });

  const file = () => join(import.meta.dirname, "../../../stacks", `Pulumi.${stack.name}.yaml`);
  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();
  const connections = ({ trace }: Said): number => trace.filter(({ kind }) => kind === "connect").length;
  async function deployed(...args: readonly string[]): Promise<{ said: Said; engines: string[] }> {
    let said: Said | undefined;
    const made = await calls.during(async () => {
      said = await slipway(stack, "deploy", ...args);
    });
    if (said === undefined) throw new Error("it was not run");
    expect(said.code, said.stdout + said.stderr).toBe(0);
    return { said, engines: enginesIn(made) };
  }

  /** Removes an image that only stopped containers use from the host. */
  async function forget(digest: string): Promise<void> {
    for (const { id, state } of await containersOf(host)) if (state !== "running") await host.docker.getContainer(id).remove();
    for (const { Id, RepoDigests } of await host.docker.listImages())
      if (RepoDigests?.some((name) => name.endsWith(digest))) await host.docker.getImage(Id).remove();
  }

  it("is released, with its jobs, without the host asking any registry for it", async () => {
    const { said } = await deployed();
    expect(await version()).toBe("v1");
    expect(said.stdout).toMatch(/image shop@sha256:[0-9a-f]{8}…/);
    const job = await host.docker.getContainer(`shop-job-check-${stack.name}`).inspect();
    expect(job.Image).toBe((await liveOf(host)).image);
    expect(job.Config.Image).toMatch(/^sha256:/);
  });

  it("has nothing to do while the file is the same: no engine, one connection", async () => {
    const { said, engines } = await deployed();
    expect(engines).toEqual([]);
    expect(connections(said)).toBe(1);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("runs commands in that image", async () => {
    // Docker has created the container when it finds that the program is missing.
    const { code, stderr } = await slipway(stack, "exec", "--", "/no-such-program");
    expect(code, stderr).toBe(127);
  });

  it("is released again when the file has another image", async () => {
    await files.layout("shop.tar", "v2", [await noisyLayer("two", MB)]);
    const { said, engines } = await deployed("--verbose");
    expect(engines).toEqual(["up"]);
    expect(said.stderr).toContain("the image in the file is a different one now");
    expect(await version()).toBe("v2");
  });

  it("is rolled back to an image that the file does not have any more, and goes on from there", async () => {
    const { releases } = JSON.parse((await slipway(stack, "releases", "--json")).stdout) as ReleasesReport;
    expect(releases.map(({ without_pull }) => without_pull)).toEqual([true, true]);
    const old = releases[1]?.image.split("@")[1] ?? "";
    await forget(old);
    const back = await slipway(stack, "rollback", "--yes");
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect(await version()).toBe("v1");
    expect(await readFile(file(), "utf8")).toContain(`slipway:image: "${files.url("shop.tar")}@${old}"`);
    await stack.configure({ image: files.url("shop.tar") });
    await deployed();
    expect(await version()).toBe("v2");
  });

  it("is not rolled back to an image that neither the host nor this machine has, and nothing is changed", async () => {
    const { releases } = JSON.parse((await slipway(stack, "releases", "--json")).stdout) as ReleasesReport;
    const before = await readFile(file(), "utf8");
    await forget(releases[1]?.image.split("@")[1] ?? "");
    await rm(join(stack.env.HOME ?? "", ".cache", "slipway", "images"), { recursive: true });
    const { code, stderr } = await slipway(stack, "rollback", "--yes");
    expect(code).not.toBe(0);
    expect(stderr).toContain("not in Slipway's cache on this machine");
    expect(await readFile(file(), "utf8")).toBe(before);
    expect(await version()).toBe("v2");
  });
});
