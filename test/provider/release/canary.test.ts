import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stableHash } from "../../../core/values.ts";
import type { LoadResult } from "../../../lab/client.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage, pinnedImages } from "../../support/images.ts";
import { namesOn, runningOn, storyOf } from "../../support/moments.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { expectOnlyImagesToRemove } from "../../support/tidying.ts";
import { expectNobodyFailed, type Visited, visited } from "../../support/visitors.ts";

let lab: Lab;
let host: LabHost;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(2);
  host = hostOf(lab);
  Object.assign(images, await pinnedImages(lab, ["v1", "v2", "v3"]));
  images.sick = await pinnedImage(lab, "sick", { EXIT_AT_BOOT: "5" });
  images.fading = await pinnedImage(lab, "fading", { EXIT_AFTER_MS: "2500" });
});

const names = () => namesOn(lab.hosts);
const named = (version: string) => expect.stringMatching(new RegExp(`^shop-web-lab-${version}-[0-9a-f]{8}$`));
const twice = <T>(each: T): T[] => [each, each];

/** What a visitor with that value of the cookie gets from a host. */
async function asked({ address }: LabHost, cookie?: string): Promise<string> {
  const headers = cookie === undefined ? {} : { cookie: `kamal-rollout=${cookie}` };
  const answer = await fetch(`http://${address}/`, { headers });
  return answer.ok ? answer.text() : String(answer.status);
}

/** As session ids are: the proxy's own hash does not spread values that differ only in their last letters. */
const VALUES = Array.from({ length: 100 }, (_, at) => stableHash(at));

/** What a hundred values of the cookie get from a host, counted. */
async function counted(one = host): Promise<Record<string, number>> {
  const answers = await Promise.all(VALUES.map((value) => asked(one, value)));
  const versions = [...new Set(answers)].sort();
  return Object.fromEntries(versions.map((version) => [version, answers.filter((answer) => answer === version).length]));
}

/** How many visitors must still come once the work is done. */
const AFTERWARDS = 20;

interface Tried<T> {
  readonly plain: Visited<T>;
  readonly beta: LoadResult;
}

/** Does `work` under visitors without a cookie, and one of the beta testers. */
async function tried<T>(versions: readonly string[], beta: readonly string[], work: () => Promise<T>): Promise<Tried<T>> {
  const load = await lab.load({
    url: `http://${host.address}/`,
    cookie: "kamal-rollout=beta",
    rate: 50,
    expect: (status, body) => status === 200 && beta.includes(body),
  });
  try {
    const plain = await visited(lab, versions, async (visitors) => {
      const result = await work();
      await Promise.all([visitors.more(AFTERWARDS), load.more(AFTERWARDS)]);
      return result;
    });
    return { plain, beta: await load.stop() };
  } finally {
    await load.stop();
  }
}

function expectNobodyNoticed({ plain, beta }: Tried<unknown>): void {
  expectNobodyFailed(plain);
  expect(beta.failures).toEqual([]);
  expect(beta.ok).toBe(beta.requests);
}

describe("a canary", () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, { image: images.v1, deploy_timeout: 10, drain_timeout: 5 });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("answers the visitors who are named, and no one else", async () => {
    const preview = await app.preview({ canary: { image: images.v2, allow: ["beta"] } });
    expect(preview).toMatch(
      /start shop-web-lab-v2-\S+ · give shop-web-lab-v2-\S+ the requests with kamal-rollout=beta of shop-web-lab/,
    );
    const swap = await tried(["v1"], ["v1", "v2"], () => app.released());
    expectNobodyNoticed(swap);
    expect(swap.beta.answers.map(({ body }) => body)).toEqual(["v1", "v2"]);
    for (const one of lab.hosts) {
      expect([await asked(one), await asked(one, "beta"), await asked(one, "someone")]).toEqual(["v1", "v2", "v1"]);
    }
    expect(await names()).toEqual(twice([named("v1"), named("v2")]));
    expect(await app.preview()).toBe("");
  });

  it("answers a share of the values of the cookie instead, without a new container", async () => {
    const preview = await app.preview({ canary: { image: images.v2, percent: 20 } });
    expect(preview).toMatch(/give shop-web-lab-v2-\S+ 20 % of the requests with a cookie kamal-rollout of shop-web-lab/);
    const events = await mutationsDuring(lab.hosts, async () => {
      expectNobodyNoticed(await tried(["v1"], ["v1", "v2"], () => app.released()));
    });
    expect(Object.values(events).flatMap(storyOf)).toEqual([]);
    const { v1 = 0, v2 = 0 } = await counted();
    expect(v1 + v2).toBe(100);
    expect(v2).toBeGreaterThan(8);
    expect(v2).toBeLessThan(35);
    expect(await app.preview()).toBe("");
  });

  it("stays beside the next release", async () => {
    expectNobodyNoticed(await tried(["v1", "v3"], ["v1", "v2", "v3"], () => app.released({ image: images.v3 })));
    expect(await names()).toEqual(twice([named("v2"), named("v3")]));
    const { v2 = 0, v3 = 0 } = await counted();
    expect(v2 + v3).toBe(100);
    expect(v2).toBeGreaterThan(8);
    expect(await app.preview()).toBe("");
  });

  it("that was stopped by hand is drift, and is started again", async () => {
    await app.released({ canary: { image: images.v2, allow: ["beta"] } });
    const canary = (await runningOn(host)).find(({ name }) => name.includes("-v2-"));
    await host.docker.getContainer(canary?.id ?? "").stop({ t: 1 });
    const reading = await app.read();
    expect(reading.found === "drift" && reading.inputs.canary?.containers[`${host.name}/web`]).toBe("stopped with code 0");
    const preview = await app.preview();
    expect(preview).toMatch(/found stopped with code 0 \(drift\) · .*re-create shop-web-lab-v2/);
    expect(preview.split("\n").filter((line) => /^ {2}\S/.test(line))).toHaveLength(1);
    expectNobodyFailed(await visited(lab, ["v3"], () => app.released()));
    expect(await Promise.all(lab.hosts.map((one) => asked(one, "beta")))).toEqual(["v2", "v2"]);
    expect(await app.preview()).toBe("");
  });

  it("whose share was changed by hand is drift, and is put right", async () => {
    await host.must("docker exec kamal-proxy kamal-proxy rollout set shop-web-lab --percent 90");
    const reading = await app.read();
    expect(reading.found === "drift" && reading.inputs.routes[`${host.name}/web`]).toBe(
      "its canary gets 90 % of the cookies kamal-rollout",
    );
    await app.released();
    expect(await counted()).toEqual({ v3: 100 });
    expect(await asked(host, "beta")).toBe("v2");
    expect(await app.preview()).toBe("");
  });

  it("is promoted: its containers are kept, and nothing starts", async () => {
    const before = (await runningOn(host)).find(({ name }) => name.includes("-v2-"));
    const preview = await app.preview({ image: images.v2, canary: undefined });
    expect(preview).toContain("switch shop-web-lab");
    expect(preview).toContain("end the canary of shop-web-lab");
    expect(preview).not.toContain("start");
    const events = await mutationsDuring(lab.hosts, async () => {
      const swap = await tried(["v3", "v2"], ["v2"], () => app.released());
      expectNobodyNoticed(swap);
      expect(swap.plain.seen.map(({ answers }) => answers.map(({ body }) => body))).toEqual(twice(["v3", "v2"]));
    });
    expect(
      Object.values(events)
        .flatMap(storyOf)
        .filter((line) => /^(create|start)/.test(line)),
    ).toEqual([]);
    expect((await runningOn(host)).map(({ id }) => id)).toEqual([before?.id]);
    expect(await counted()).toEqual({ v2: 100 });
    expect(await app.preview()).toBe("");
  });

  it("that exits at boot changes nothing", async () => {
    const before = await names();
    const swap = await tried(["v2"], ["v2"], () => app.refused({ canary: { image: images.sick, allow: ["beta"] } }));
    expectNobodyNoticed(swap);
    expect(swap.plain.result.error).toContain("the container exited with code 5");
    expect(swap.plain.result.error).toMatch(/serves now: v2-[0-9a-f]{8} on \S+, \S+\. Nothing was switched/);
    expect(await names()).toEqual(before);
    expect(await asked(host, "beta")).toBe("v2");
  });

  it("that exits while it is watched loses its share on all hosts", async () => {
    const before = await names();
    const swap = await visited(lab, ["v2"], () => app.refused({ canary: { image: images.fading, allow: ["beta"] }, watch: 8 }));
    expectNobodyFailed(swap);
    expect(swap.result.error).toContain("fatal: EXIT_AFTER_MS=2500");
    for (const { name } of lab.hosts) expect(swap.result.error).toContain(`${name}: the canary has the share that it had before`);
    expect(await names()).toEqual(before);
    expect(await Promise.all(lab.hosts.map((one) => asked(one, "beta")))).toEqual(["v2", "v2"]);
    expectOnlyImagesToRemove(await app.preview({ canary: undefined, watch: 0 }));
  });

  it("ends: all visitors get the release again, and what it had begun is answered", async () => {
    await app.released({ canary: { image: images.v3, allow: ["beta"] } });
    expect(await asked(host, "beta")).toBe("v3");
    const inFlight = fetch(`http://${host.address}/slow?ms=2000`, { headers: { cookie: "kamal-rollout=beta" } });
    const swap = await tried(["v2"], ["v3", "v2"], () => app.released({ canary: undefined }));
    expectNobodyNoticed(swap);
    expect(await (await inFlight).text()).toBe("v3");
    expect(await names()).toEqual(twice([named("v2")]));
    expect(await app.preview()).toBe("");
    await host.must("docker restart -t 1 kamal-proxy");
    await expect.poll(() => asked(host, "beta").catch(() => ""), { timeout: 5000 }).toBe("v2");
    expect(await app.preview()).toBe("");
  });
});
