import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { AppSwitches } from "../../lab/app.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Relay } from "../../lab/relay.ts";
import { LabStack } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { byHand, containersOf, freshHosts, HOSTS, hostOf, liveOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { leaksOf } from "../support/leaks.ts";
import {
  connectionsIn,
  done,
  expectNothingToDo,
  mutationsDuring,
  nothingOn,
  refused,
  summaries,
  update,
} from "../support/outcome.ts";
import { answerOf, expectNobodyFailed, versionsSeen, visited } from "../support/visitors.ts";

describe(`an app on ${HOSTS.length} hosts`, () => {
  let lab: Lab;
  let stack: LabStack;
  let relays: Relay[];

  beforeAll(async () => {
    lab = await freshHosts(HOSTS.length);
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

  it("is changed as a saved preview says, and not at all once a host was changed by hand since", async () => {
    const plan = join(stack.stateFolder, "plan.json");
    const preview = () => done(stack.launch(["preview", "--save-plan", plan]).done);
    const upAsPlanned = () => stack.launch(["up", "--yes", "--skip-preview", "--plan", plan]).done;
    await stack.configure({ image: (await lab.image("shop", "v2")).ref });

    await preview();
    expect(leaksOf({ password: lab.registry.password }, { plan: await readFile(plan, "utf8") })).toEqual([]);
    await byHand(hostOf(lab), "docker stop -t 1 kamal-proxy");
    const stopped = await mutationsDuring(lab.hosts, async () => {
      const { output } = await refused(upAsPlanned());
      expect(output).toContain(`${hostOf(lab).name}-proxy violates plan: properties changed: =~status`);
    });
    expect(stopped).toEqual(nothingOn(lab.hosts));

    await byHand(hostOf(lab), "docker start kamal-proxy");
    await preview();
    await done(upAsPlanned());
    expect(await Promise.all(lab.hosts.map((host) => answerOf(host)))).toEqual(lab.hosts.map(() => "v2"));
  });
});

describe("a new version", () => {
  const SWAPS = 6;
  let lab: Lab;
  let host: LabHost;
  let app: App;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    app = await App.create(lab, { image: await image("v1") });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const image = (version: string, switches?: AppSwitches) => pinnedImage(lab, version, switches);

  it(`comes ${SWAPS} times under load, and every visitor gets the old one or the new one`, async () => {
    const next = [await image("v1"), await image("v2")];
    const shown: string[] = [];
    const swaps = await visited(lab, ["v1", "v2"], async () => {
      for (let swap = 1; swap <= SWAPS; swap += 1) {
        await app.released({ image: next[swap % 2] });
        const after = await Promise.all(Array.from({ length: 10 }, () => answerOf(host)));
        shown.push([...new Set(after)].join(" and "));
      }
    });
    expectNobodyFailed(swaps);
    expect(versionsSeen(swaps)).toEqual(["v1", "v2"]);
    expect(shown).toEqual(Array.from({ length: SWAPS }, (_, swap) => (swap % 2 === 0 ? "v2" : "v1")));
    expect((await containersOf(host)).filter(({ state }) => state === "running")).toHaveLength(1);
  });

  it("leaves a request of 5 s that began before the switch to the old version", async () => {
    const old = await answerOf(host);
    const moments: string[] = [];
    let slow = Promise.resolve(0);
    app.around = async ({ what }, run) => {
      // The new one boots slowly, so that the request has surely begun before the switch.
      if (what === "start container")
        slow = answerOf(host, "/slow?ms=5000").then((body) => moments.push(`${body} answers the slow request`));
      return run();
    };
    const swap = await visited(lab, [old, "v3"], async () => {
      const releasing = app.released({ image: await image("v3", { BOOT_DELAY_MS: "1500" }) });
      await Promise.race([releasing, switched("v3")]);
      moments.push(`${await answerOf(host)} answers new ones`);
      await releasing;
      await slow;
    });
    expect(moments).toEqual(["v3 answers new ones", `${old} answers the slow request`]);
    expectNobodyFailed(swap);
    expect(await answerOf(host)).toBe("v3");
  });

  const switched = (version: string) =>
    Deadline.in(30).until(
      async () => ((await answerOf(host)) === version ? true : undefined),
      () => new Error(`${version} never served`),
    );
});
