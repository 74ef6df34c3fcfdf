import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { done, expectNothingToDo, mutationsDuring, nothingOn, update } from "../support/outcome.ts";
import { answerOf } from "../support/visitors.ts";

describe("a change of the config alone", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const values = { image: (await lab.image("shop", "v1")).ref, env: { clear: { RATE_LIMIT: "10" }, secret: ["TOKEN"] } };
    stack = await LabStack.create(lab, values, { "slipway:secrets.TOKEN": "first-of-two-tokens" });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it("to a clear value and a secret replaces the container, and the plan names both, the secret without its value", async () => {
    const before = await liveOf(host);
    await stack.configure({ env: { clear: { RATE_LIMIT: "20" }, secret: ["TOKEN"] } });
    await stack.secrets({ "slipway:secrets.TOKEN": "second-of-two-tokens" });
    const { output } = await done(stack.up("--diff"));
    expect(output).toMatch(/release v1-[0-9a-f]{8} {2}\(was v1-[0-9a-f]{8}\).*env: ~RATE_LIMIT, secret ~TOKEN$/m);
    expect(output).not.toContain("of-two-tokens");
    expect((await liveOf(host)).name).not.toBe(before.name);
    const env = JSON.parse(await answerOf(host, "/env")) as Record<string, string>;
    expect(env).toMatchObject({ RATE_LIMIT: "20", TOKEN: "second-of-two-tokens" });
  });

  it("to what only later runs need changes nothing on the host", async () => {
    await stack.configure({ drain_timeout: 17, deploy_timeout: 19, retain_containers: 4 });
    const mutations = await mutationsDuring([host], () => done(update(stack)));
    expect(mutations).toEqual(nothingOn([host]));
    await expectNothingToDo(stack);
  });
});
