import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf, LabStack } from "../../lab/stack.ts";
import { freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { done, update } from "../support/outcome.ts";
import { ask } from "../support/slipway.ts";

describe("Ctrl-C and SIGTERM", () => {
  let lab: Lab;
  let stack: LabStack;
  let host: LabHost;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const servers = { web: { hosts: addressesOf(lab.hosts) } };
    stack = await LabStack.create(lab, { image: (await lab.image("shop", "v1")).ref, servers, deploy_timeout: 150 });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const ended = async (
    run: { process: { kill(signal: NodeJS.Signals): boolean }; done: Promise<{ code: number; output: string }> },
    signal: NodeJS.Signals,
  ) => {
    const began = performance.now();
    run.process.kill(signal);
    const outcome = await run.done;
    return { ...outcome, seconds: (performance.now() - began) / 1000 };
  };

  it.each(["SIGINT", "SIGTERM"] as const)("end a run that waits for another one's lease: %s", async (signal) => {
    await stack.configure({ env: { clear: { TURN: signal } } });
    const other = ask(stack, "lock");
    await other.saw("locked");
    const run = stack.launch(["up", "--yes", "--skip-preview"]);
    await run.saw("waiting for");
    const { code, seconds, output } = await ended(run, signal);
    expect(code).not.toBe(0);
    expect(seconds, output).toBeLessThan(15);
    other.process.kill("SIGINT");
    await other.done;
    await done(update(stack));
  });

  it("end a run that waits for a container's health, and take the container back", async () => {
    const before = await liveOf(host);
    await stack.configure({ proxy: { app_port: 3000, healthcheck: { path: "/none" } } });
    const run = stack.launch(["up", "--yes", "--skip-preview"]);
    await run.saw("healthy 0/1");
    const { code, seconds, output } = await ended(run, "SIGINT");
    expect(code).not.toBe(0);
    expect(seconds, output).toBeLessThan(30);
    expect((await liveOf(host)).id).toBe(before.id);
    expect((await host.must("docker ps -q --filter label=service=shop")).trim().split("\n")).toHaveLength(1);
  });
});
