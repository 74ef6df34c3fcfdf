import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf, type StackValues } from "../../lab/stack.ts";
import { App, type Released } from "../support/app.ts";
import { freshHosts } from "../support/hosts.ts";
import { pinnedImage, pinnedImages } from "../support/images.ts";
import { momentOf, namesOn, storyOf } from "../support/moments.ts";
import { expectNobodyFailed, type Visited, visited } from "../support/visitors.ts";

let lab: Lab;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(3);
  Object.assign(images, await pinnedImages(lab, ["v1", "v2", "v3", "v4"]));
});

/** `web` on all hosts; those at `bad` get an environment of their own. */
const web = (bad: readonly number[] = []) => ({
  hosts: Object.fromEntries(
    lab.hosts.map(({ name, address }, at) => [name, { address, ...(bad.includes(at) ? { tags: ["bad"] } : {}) }]),
  ),
});

/** When visitors of that host met that version for the first time. */
const met = ({ seen }: Visited<unknown>, at: number, version: string): number =>
  seen[at]?.answers.find(({ body }) => body === version)?.first.getTime() ?? Number.NaN;

const switches = ({ changes }: Released, host: LabHost): number =>
  changes.filter(({ host: name, what }) => name === host.name && what.startsWith("kamal-proxy deploy shop-web-lab")).length;

describe("a fleet that is released in waves", () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, { image: images.v1, readiness_delay: 0, deploy_timeout: 10, servers: { web: web() } });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("takes one host after the other, each when the one before serves, and none fails", async () => {
    const [first, second, third] = lab.hosts.map(({ name }) => name);
    expect(await app.preview({ image: images.v2, boot: { limit: 1 } })).toContain(
      `in 3 waves: ${first}, then ${second}, then ${third}; if one fails, all go back`,
    );
    const since = new Date();
    const swap = await visited(lab, ["v1", "v2"], () => app.released());
    expectNobodyFailed(swap);
    const started = await Promise.all(
      lab.hosts.map(async (host) => momentOf(await host.mutations(since), "start", "shop-web-lab-v2")),
    );
    expect(started[1]).toBeGreaterThan(met(swap, 0, "v2"));
    expect(started[2]).toBeGreaterThan(met(swap, 1, "v2"));
    expect(await app.preview()).toBe("");
  });

  it("waits between two waves as long as was declared, and says so", async () => {
    const since = new Date();
    const { result, ...swap } = await visited(lab, ["v2", "v3"], () =>
      app.released({ image: images.v3, boot: { limit: "67%", wait: 2 } }),
    );
    expectNobodyFailed({ result, ...swap });
    const last = lab.hosts[2];
    const started = last && momentOf(await last.mutations(since), "start", "shop-web-lab-v3");
    const earlier = Math.max(met({ result, ...swap }, 0, "v3"), met({ result, ...swap }, 1, "v3"));
    expect(started).toBeGreaterThan(earlier + 1500);
    expect(result.statuses).toContain("wave 1 of 2 is done; the next starts in 2 s");
  });

  it("takes back the waves before when one fails, once, and never begins those after", async () => {
    const before = await namesOn(lab.hosts);
    const since = new Date();
    const swap = await visited(lab, ["v3", "v4"], () =>
      app.refused({
        image: images.v4,
        boot: { limit: 1 },
        servers: { web: web([1]) },
        env: { tags: { bad: { EXIT_AT_BOOT: "1" } } },
      }),
    );
    expectNobodyFailed(swap);
    expect(await namesOn(lab.hosts)).toEqual(before);
    const [first, second, third] = lab.hosts as [LabHost, LabHost, LabHost];
    expect(swap.seen[0]?.answers.map(({ body }) => body)).toEqual(["v3", "v4"]);
    expect(lab.hosts.map((host) => switches(swap.result, host))).toEqual([2, 0, 0]);
    expect(storyOf(await third.mutations(since))).toEqual([]);
    expect(swap.result.error).toContain(`${second.name}: the container exited with code 1`);
    expect(swap.result.error).toContain(`${first.name}: switched back; candidates were removed.`);
    expect(swap.result.error).toMatch(
      new RegExp(`serves now: v3-[0-9a-f]{8} on ${lab.hosts.map(({ name }) => name).join(", ")}\\.`),
    );
    app.configure({ env: undefined });
  });

  it("starts no worker before web serves everywhere where roles go one after the other", async () => {
    const names = `${lab.hosts[0]?.name} … ${lab.hosts.at(-1)?.name}`;
    const roles: StackValues = {
      servers: { web: web(), worker: { hosts: addressesOf(lab.hosts), cmd: "/app worker" } },
      boot: { parallel_roles: false },
    };
    expect(await app.preview({ image: images.v1, ...roles })).toContain(
      `in 2 waves: web on ${names}, then worker on ${names}; if one fails, all go back`,
    );
    const since = new Date();
    const swap = await visited(lab, ["v3", "v1"], () => app.released());
    expectNobodyFailed(swap);
    const serves = Math.max(...lab.hosts.map((_host, at) => met(swap, at, "v1")));
    for (const host of lab.hosts)
      expect(momentOf(await host.mutations(since), "start", "shop-worker-lab-v1")).toBeGreaterThan(serves);
    expect(await app.preview()).toBe("");
  });
});

describe("a release that is watched after the switch", () => {
  let app: App;
  beforeAll(async () => {
    const own = { image: images.v1, readiness_delay: 0, deploy_timeout: 10, watch: 1, servers: { web: web() } };
    app = await App.create(lab, own);
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("ends with success when all stay well", async () => {
    const { seconds, said } = await app.released();
    expect(seconds).toBeGreaterThan(1);
    expect(said.join("\n")).toMatch(/ · watch 1\.\d/);
    expect(await app.preview({ watch: 6 })).toBe("");
  });

  it("goes back everywhere, once, when one turns unhealthy, and no visitor notices", async () => {
    const before = await namesOn(lab.hosts);
    const bad = { servers: { web: web([2]) }, env: { tags: { bad: { UNHEALTHY_AFTER_MS: "2500" } } } };
    const swap = await visited(lab, ["v1", "v2"], () => app.refused({ image: images.v2, ...bad }));
    expectNobodyFailed(swap);
    for (const { answers } of swap.seen) expect(answers.map(({ body }) => body)).toEqual(["v1", "v2"]);
    expect(await namesOn(lab.hosts)).toEqual(before);
    expect(lab.hosts.map((host) => switches(swap.result, host))).toEqual([2, 2, 2]);
    const last = lab.hosts[2]?.name;
    expect(swap.result.error).toMatch(new RegExp(`${last}: shop-web-lab-v2-\\S+ became unhealthy in the 6 s after the switch`));
    expect(swap.result.error).toContain("/up on port 3000: 503 × 3");
    expect(swap.result.statuses).toContain("watching 3 for 6 s");
  });

  it("goes back everywhere when one exits; only its own visitors notice, for as long as that takes", {
    tags: "long",
  }, async () => {
    const before = await namesOn(lab.hosts);
    const bad = { servers: { web: web([2]) }, env: { tags: { bad: { EXIT_AFTER_MS: "2500" } } } };
    const swap = await visited(lab, ["v1", "v2"], () => app.refused({ image: images.v2, ...bad }));
    expectNobodyFailed({ ...swap, seen: swap.seen.slice(0, 2) });
    expect(await namesOn(lab.hosts)).toEqual(before);
    expect(lab.hosts.map((host) => switches(swap.result, host))).toEqual([2, 2, 2]);
    // From its exit to the old one's first answer there is no container that could answer.
    const { failing } = swap.seen[2] ?? {};
    const span = failing === undefined ? 0 : failing.last.getTime() - failing.first.getTime();
    expect(span).toBeLessThan(3000);
    expect(swap.result.error).toContain(`${lab.hosts[2]?.name}: the container exited with code 1`);
    expect(swap.result.error).toContain("fatal: EXIT_AFTER_MS=2500");
  });

  it("sees what Docker's health check says of a role without a proxy", { tags: "long" }, async () => {
    const checked = await pinnedImage(lab, "checked", {}, { healthcheck: ["/app", "check"] });
    const jobs = { hosts: addressesOf(lab.hosts.slice(0, 1)), cmd: "/app" };
    await app.released({ image: checked, watch: 0, env: undefined, servers: { web: web(), jobs } });
    const before = await namesOn(lab.hosts);
    const sick = { ...jobs, env: { UNHEALTHY_AFTER_MS: "2500" } };
    const { error } = await app.refused({ watch: 6, servers: { web: web(), jobs: sick } });
    expect(error).toContain("became unhealthy in the 6 s after the switch");
    expect(error).toContain("its Docker health check: unhealthy × 3");
    expect(await namesOn(lab.hosts)).toEqual(before);
  });
});
