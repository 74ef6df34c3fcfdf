import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import { LabStack } from "../../../lab/stack.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pulled } from "../../support/images.ts";
import { done, update } from "../../support/outcome.ts";
import { slipway } from "../../support/slipway.ts";

describe("a stack without slipway:registry", { tags: "long" }, () => {
  let stack: LabStack;
  let host: LabHost;

  beforeAll(async () => {
    const lab = await freshHosts(1);
    host = hostOf(lab, 0);
    // As a public image: no login is needed for what is on the host already.
    const { ref, digest } = await lab.image("shop", "v1");
    const image = `${ref.replace(/:[^:/]+$/, "")}@${digest}`;
    await pulled(lab, host, image);
    stack = await LabStack.create(lab, { image, version: "v1" });
    await stack.configure({ registry: undefined });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it("is shown by slipway status", async () => {
    const { code, stdout, stderr } = await slipway(stack, "status");
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain("✔ all as declared");
  });

  it("has logs", async () => {
    const { code, stdout, stderr } = await slipway(stack, "logs", "--lines", "5");
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`${host.name}/web`);
  });

  it("runs a command", async () => {
    const { code, stderr } = await slipway(stack, "exec", "--reuse", "--", "/app", "--help");
    expect(stderr).not.toMatch(/error/);
    expect(code).not.toBe(125);
  });

  it("has nothing to deploy, and a refused deploy ends with 1: the hosts are as they were left", async () => {
    expect(await slipway(stack, "deploy")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to do") });
    const image = `${host.address}:1/shop@sha256:${"0".repeat(64)}`;
    await stack.configure({ image });
    const refused = await slipway(stack, "deploy");
    expect(refused.code, refused.stdout + refused.stderr).toBe(1);
  });
});
