import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf, LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { expectNothingSeen } from "../support/look.ts";
import { done, expectNothingToDo, mutationsDuring, update } from "../support/outcome.ts";
import { answerOf } from "../support/visitors.ts";

describe("an app on two hosts", () => {
  let lab: Lab;
  let stack: LabStack;
  let first: LabHost;
  let second: LabHost;

  beforeAll(async () => {
    lab = await freshHosts(2);
    [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    stack = await LabStack.create(lab, { image: (await lab.image("shop", "v1")).ref });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it("leaves the host that is taken out of the config by the same up, and the other one is not touched", async () => {
    await stack.configure({ servers: { web: { hosts: addressesOf([first]) } } });
    const mutations = await mutationsDuring([first], () => done(stack.up()));
    expect(mutations).toEqual({ [first.name]: [] });
    expect(await containersOf(second)).toEqual([]);
    expect(await second.docker.listContainers({ all: true })).toEqual([]);
    expect((await second.docker.listNetworks()).map(({ Name }) => Name).sort()).toEqual(["bridge", "host", "none"]);
    expect(await answerOf(first)).toBe("v1");
    await expectNothingSeen(lab, stack);
  });

  it("comes to a host that is added, and the other one is not touched", async () => {
    // The proxy's image went with the proxy; a host elsewhere would pull it.
    await second.ensureProxyImages();
    await stack.configure({ servers: { web: { hosts: addressesOf([first, second]) } } });
    const mutations = await mutationsDuring([first], () => done(stack.up()));
    expect(mutations).toEqual({ [first.name]: [] });
    expect(await answerOf(second)).toBe("v1");
    expect((await liveOf(second)).name).toBe((await liveOf(first)).name);
    await expectNothingToDo(stack);
  });
});
