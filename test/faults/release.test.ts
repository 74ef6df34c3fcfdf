import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import type { TimedEvent } from "../../lab/pulumi-run.ts";
import { addressesOf } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { namesOn } from "../support/moments.ts";
import { expectNobodyFailed, visited } from "../support/visitors.ts";
import { type Change, Shop } from "./support/shop.ts";
import { type Refusal, refusalIn, refusalOf } from "./support/story.ts";

/** The candidate must fail long before this, or exactly then. */
const DEPLOY_TIMEOUT = 12;

/** From the start of the first candidate until the last one is removed. */
function secondsOfCandidates(trace: readonly TimedEvent[]): number {
  const times = (call: string) => trace.filter(({ what }) => what === call).map(({ at = "" }) => Date.parse(at));
  return (Math.max(...times("remove container")) - Math.min(...times("start container"))) / 1000;
}

describe("a release that cannot run", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open(2, { deploy_timeout: DEPLOY_TIMEOUT, drain_timeout: 3 });
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  /** It fails, no user notices, and once the config is correct again there is nothing to do. */
  async function refused(change: Change): Promise<Refusal & { seconds: number; trace: readonly TimedEvent[] }> {
    const { result, failed, answers } = await shop.release(change);
    const story = refusalOf(result);
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v1"] });
    expect(story.servesNow).toMatch(new RegExp(`^v1-\\w{8} on ${shop.hosts.map(({ name }) => name).join(", ")}`));
    expect(await shop.running()).toEqual(shop.hosts.map(() => 1));
    await shop.declare();
    await shop.expectNothingToDo();
    return { ...story, seconds: result.seconds, trace: result.trace };
  }

  it("fails within a second or two when the container exits at once, with exit code and last log lines", async () => {
    const { what, evidence, servesNow, trace } = await refused({ env: { VERSION: "v2", EXIT_AT_BOOT: "3" } });

    expect(what).toMatch(/^shop v1-\w{8} was not released: \S+: the container exited with code 3, 0\.\d s after its start$/);
    expect(evidence[0]).toMatch(/^last log lines of shop-web-\S+:$/);
    expect(evidence.at(-1)).toMatch(/fatal: connection refused$/);
    expect(servesNow).toContain("Nothing was switched; candidates were removed.");
    // Not the whole run: how long the engine takes to start depends on what else the machine does.
    expect(secondsOfCandidates(trace)).toBeLessThan(DEPLOY_TIMEOUT / 2);
  });

  it("names the image that is not in the registry, before anything is changed", async () => {
    const { result, failed, answers } = await shop.release({ values: { image: `${shop.lab.registry.server}/shop:nowhere` } });

    expect(refusalOf(result).what).toMatch(/^the image \S+\/shop:nowhere is missing in the registry/);
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v1"] });
  });

  it("leaves another project's container of the same name alone and says whose it is", async () => {
    const change = { env: { VERSION: "v2" } };
    await shop.declare(change);
    const name = /start (shop-web-\S+)/.exec((await shop.stack.preview()).output)?.[1] ?? "";
    await shop.host.must(`docker create --name ${name} --label com.docker.compose.project=theirs basecamp/kamal-proxy:v0.9.2`);

    const { what, evidence, next } = await refused(change);

    expect(what).toBe(`${shop.host.name}: the name ${name} is taken by a container that is not ours`);
    expect(evidence).toEqual(["basecamp/kamal-proxy:v0.9.2, created, belongs to theirs"]);
    expect(next).toContain(`docker rename ${name}`);
    expect(await shop.host.must(`docker inspect --format '{{.State.Status}}' ${name}`)).toBe("created\n");
    await shop.host.must(`docker rm ${name}`);
  });

  it("does not block the next one", async () => {
    await shop.expectPreviewedAsUnchanged();
    await shop.expectConverges("v2", { env: { VERSION: "v2" } });
  });
});

describe("a release that fails when it runs on a host", () => {
  let lab: Lab;
  let hosts: readonly LabHost[];
  let app: App;
  let v1: string;
  beforeAll(async () => {
    lab = await freshHosts(2);
    hosts = lab.hosts;
    v1 = await pinnedImage(lab, "v1");
    app = await App.create(lab, { image: v1, deploy_timeout: DEPLOY_TIMEOUT, drain_timeout: 3 });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  /** As above. */
  async function refused({ env, values = {} }: Change): Promise<Refusal & { seconds: number }> {
    const { result, ...users } = await visited(lab, ["v1"], () => app.refused({ ...values, env: { clear: env ?? {} } }));
    expectNobodyFailed({ result, ...users });
    const story = refusalIn(result);
    expect(story.servesNow).toMatch(new RegExp(`^v1-\\w{8} on ${hosts.map(({ name }) => name).join(", ")}`));
    expect((await namesOn(hosts)).map(({ length }) => length)).toEqual(hosts.map(() => 1));
    const servers = { web: { hosts: addressesOf(hosts) } };
    expect(await app.preview({ image: v1, env: undefined, servers, deploy_timeout: DEPLOY_TIMEOUT })).toBe("");
    return { ...story, seconds: result.seconds };
  }

  it("fails at the deadline when the container never gets healthy, with what the last probes saw", async () => {
    const change = { env: { VERSION: "v2", UNHEALTHY: "1" }, values: { deploy_timeout: 2 } };
    const { what, evidence, seconds } = await refused(change);

    expect(what).toMatch(/the container did not become healthy within 2 s$/);
    expect(evidence[0]).toMatch(/^\/up on port 3000: 503 × \d+, 2\.\d s$/);
    expect(evidence.at(-1)).toMatch(/listening on 3000$/);
    expect(seconds).toBeLessThan(2 + DEPLOY_TIMEOUT);
  });

  it("names memory as the reason when the kernel kills the container", async () => {
    const servers = { web: { hosts: addressesOf(hosts), options: { memory: "64m" } } };
    const since = new Date();
    const { what } = await refused({ env: { VERSION: "v2", EAT_MB: "200" }, values: { servers } });

    // When the kernel is fast, Docker does not learn the reason; the error must not claim more than Docker knows.
    const host = hosts.find(({ name }) => what.includes(` ${name}: `)) ?? hostOf(lab);
    const docker = (await host.mutations(since)).some(({ action }) => action === "oom")
      ? "knows the reason"
      : "does not know the reason";
    const expected = {
      "knows the reason":
        /: the container was killed for memory, \d+\.\d s after its start: it needed more than its limit of 64 MB$/,
      "does not know the reason":
        /: the container was killed \(code 137\), \d+\.\d s after its start, perhaps for memory: see its limit of 64 MB$/,
    };
    expect(what).toMatch(expected[docker]);
  });

  it("names the digest that is not in the registry, before anything is changed", async () => {
    const image = `${lab.registry.server}/shop@sha256:${"ab".repeat(32)}`;
    const { what, evidence } = await refused({ values: { image } });

    expect(what).toMatch(/^\S+: the image is not in the registry$/);
    expect(evidence).toEqual([image]);
  });

  it("names both CPU architectures when the image is built for a different one, before anything is changed", async () => {
    const image = await pinnedImage(lab, "arm", {}, { architecture: "arm64" });
    const { what, next } = await refused({ values: { image } });

    expect(what).toMatch(/the image is built for linux\/arm64; this host is linux\/amd64$/);
    expect(next).toContain("docker build --platform linux/amd64");
  });
});
