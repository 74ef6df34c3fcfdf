import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lab } from "../lab/lab.ts";
import type { Relay } from "../lab/relay.ts";
import { LabStack } from "../lab/stack.ts";
import { containersOf, freshHosts, HOSTS, hostOf, liveOf } from "./support/hosts.ts";
import { connectionsIn, done, expectNothingToDo, mutationsDuring, nothingOn, summaries, update } from "./support/outcome.ts";
import { answerOf, expectNobodyFailed, versionsSeen, visited } from "./support/visitors.ts";

describe.each([1, HOSTS.length])("an app on %i host(s)", (count) => {
  let lab: Lab;
  let stack: LabStack;
  let relays: Relay[];

  beforeAll(async () => {
    lab = await freshHosts(count);
    relays = await Promise.all(lab.hosts.map((host) => host.relay()));
    const ways = lab.hosts.map(({ name }, at) => [name, { address: relays[at]?.address, port: relays[at]?.port }]);
    const { ref } = await lab.image("shop", "v1");
    stack = await LabStack.create(lab, { image: ref, servers: { web: { hosts: Object.fromEntries(ways) } } });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await Promise.all(relays.map((relay) => relay.close()));
  });

  const eachHost = <T>(value: T): Record<string, T> => Object.fromEntries(lab.hosts.map(({ name }) => [name, value]));

  it("is put on fresh servers by one pulumi up", async () => {
    await done(stack.up());
    for (const host of lab.hosts) {
      expect(await answerOf(host)).toBe("v1");
      const live = await liveOf(host);
      expect(live.name).toMatch(new RegExp(`^shop-web-${stack.name}-v1-[0-9a-f]{8}$`));
      expect(live.labels).toMatchObject({ service: "shop", role: "web", destination: stack.name });
    }
  });

  it("is previewed as unchanged right after", async () => {
    await expectNothingToDo(stack);
  });

  it("is not touched by a second up, which opens one SSH connection per host and process", async () => {
    const before = relays.map(({ connections }) => connections);
    let traced = {};
    const mutations = await mutationsDuring(lab.hosts, async () => {
      const outcome = await done(stack.up());
      // The preview and the update each start a provider process of their own.
      expect(summaries(outcome)).toEqual([
        [expect.stringMatching(/^\d+ unchanged$/)],
        [expect.stringMatching(/^\d+ unchanged$/)],
      ]);
      traced = connectionsIn(outcome);
    });
    expect(mutations).toEqual(nothingOn(lab.hosts));
    expect(traced).toEqual(eachHost(2));
    expect(relays.map(({ connections }, at) => connections - (before[at] ?? 0))).toEqual(lab.hosts.map(() => 2));
  });

  it("is not touched by an up without a preview either, over one SSH connection per host", async () => {
    const before = relays.map(({ connections }) => connections);
    let traced = {};
    const mutations = await mutationsDuring(lab.hosts, async () => {
      traced = connectionsIn(await done(update(stack)));
    });
    expect(mutations).toEqual(nothingOn(lab.hosts));
    expect(traced).toEqual(eachHost(1));
    expect(relays.map(({ connections }, at) => connections - (before[at] ?? 0))).toEqual(lab.hosts.map(() => 1));
    expect(relays.map(({ open }) => open)).toEqual(lab.hosts.map(() => 0));
  });
});

describe("a new version", () => {
  const SWAPS = 6;
  let lab: Lab;
  let stack: LabStack;
  let versions: { name: string; ref: string }[];

  beforeAll(async () => {
    lab = await freshHosts(1);
    versions = await Promise.all(["v1", "v2"].map(async (name) => ({ name, ref: (await lab.image("shop", name)).ref })));
    stack = await LabStack.create(lab, { image: versions[0]?.ref });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it(`comes ${SWAPS} times under load, and every visitor gets the old one or the new one`, async () => {
    const host = hostOf(lab);
    const shown: string[] = [];
    const swaps = await visited(lab, ["v1", "v2"], async () => {
      for (let swap = 1; swap <= SWAPS; swap += 1) {
        const next = versions[swap % 2];
        await stack.configure({ image: next?.ref });
        await done(update(stack));
        const after = await Promise.all(Array.from({ length: 10 }, () => answerOf(host)));
        shown.push([...new Set(after)].join(" and "));
      }
    });
    expectNobodyFailed(swaps);
    expect(versionsSeen(swaps)).toEqual(["v1", "v2"]);
    expect(shown).toEqual(Array.from({ length: SWAPS }, (_, swap) => versions[(swap + 1) % 2]?.name));
    expect((await containersOf(host)).filter(({ state }) => state === "running")).toHaveLength(1);
  });

  it("leaves a request of 5 s that began before the switch to the old version", async () => {
    const host = hostOf(lab);
    const old = await answerOf(host);
    // Slow to boot, so that the request has surely begun before the switch.
    const { ref } = await lab.image("shop", "v3", { BOOT_DELAY_MS: "1500" });
    await stack.configure({ image: ref });
    const moments: string[] = [];
    const swap = await visited(lab, [old, "v3"], async () => {
      const running = stack.launch(["up", "--yes", "--skip-preview"]);
      await running.saw("healthy 0/1");
      const slow = answerOf(host, "/slow?ms=5000").then((body) => moments.push(`${body} answers the slow request`));
      await running.saw("switched 1/1");
      moments.push(`${await answerOf(host)} answers new ones`);
      await slow;
      return done(running.done);
    });
    expect(moments).toEqual(["v3 answers new ones", `${old} answers the slow request`]);
    expectNobodyFailed(swap);
    expect(await answerOf(host)).toBe("v3");
  });
});
