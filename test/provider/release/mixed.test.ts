import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { type Change, traceTo } from "../../../hosts/index.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { App } from "../../support/app.ts";
import { containersOf, freshHosts } from "../../support/hosts.ts";
import { pinnedImages } from "../../support/images.ts";
import { namesOn } from "../../support/moments.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { expectOnlyImagesToRemove } from "../../support/tidying.ts";
import { answerOf, expectNobodyFailed, PAUSED, type Visited, visited } from "../../support/visitors.ts";

let lab: Lab;
let hosts: readonly [LabHost, LabHost, LabHost];
/** In front of the second host's sshd. */
let relay: Relay;
let app: App;
const images: Record<string, string> = {};

const web = (tags: readonly string[] = []) => {
  const [first, second, third] = hosts;
  return {
    hosts: {
      [first.name]: first.address,
      [second.name]: { address: relay.address, port: relay.port, tags },
      [third.name]: third.address,
    },
  };
};

beforeAll(async () => {
  lab = await freshHosts(3);
  hosts = lab.hosts as unknown as typeof hosts;
  relay = await hosts[1].relay();
  Object.assign(images, await pinnedImages(lab, ["v1", "v2", "v3"]));
  app = await App.create(lab, {
    image: images.v1,
    readiness_delay: 1,
    deploy_timeout: 3,
    servers: { web: web() },
    env: { tags: { sick: { UNHEALTHY: "1" }, refused: { UNHEALTHY_FOR: "kamal-proxy" } } },
  });
  await app.released();
});
afterAll(() => app[Symbol.asyncDispose]());
beforeEach(() => {
  app.around = traceTo(undefined).around;
});

/** Every host ends on one version, which answers there. */
async function expectOneVersion(version: string): Promise<void> {
  expect(await Promise.all(hosts.map((host) => answerOf(host)))).toEqual(hosts.map(() => version));
  const running = (await namesOn(hosts)).flat();
  expect(running).toHaveLength(hosts.length);
  for (const name of running) expect(name).toContain(`shop-web-lab-${version}-`);
}

const onHealthy = <T>({ result, seen }: Visited<T>): Visited<T> => ({ result, seen: seen.filter((_, at) => at !== 1) });

async function killCandidate(): Promise<void> {
  const candidates = (await containersOf(hosts[1])).filter(({ name, state }) => name.includes("-v2-") && state === "running");
  await Promise.all(candidates.map(({ id }) => hosts[1].docker.getContainer(id).kill()));
}

/** A stranger's container has the name of the candidate, so that Docker refuses it. */
async function takeName(host: LabHost, name: string): Promise<void> {
  await host.docker.createContainer({ name, Image: images.v1 ?? "", Labels: { stranger: "" } });
}

const candidateName = async (): Promise<string> =>
  (await containersOf(hosts[1])).find(({ name }) => name.includes("-v3-"))?.name ?? "";

const removeStranger = (host: LabHost): Promise<string> =>
  host.must("docker ps -aq --filter label=stranger | xargs -r docker rm");

/** Does `what` once, just before the call that changes the second host and begins like that. */
function justBefore(call: string, what: () => Promise<void>): void {
  let done = false;
  app.around = async (change, run) => {
    if (!done && change.host === hosts[1].name && change.what.startsWith(call)) {
      done = true;
      await what();
    }
    return run();
  };
}

describe("a release of which one host of three can have no part", () => {
  it("stays out everywhere when the candidate does not become healthy there", async () => {
    const before = await namesOn(hosts);
    const swap = await visited(lab, ["v1"], () => app.refused({ image: images.v2, servers: { web: web(["sick"]) } }));
    expectNobodyFailed(swap);
    expect(await namesOn(hosts)).toEqual(before);
    expect(swap.result.error).toContain(`${hosts[1].name}: the container did not become healthy within 3 s`);
    expect(swap.result.error).toContain("Nothing was switched");
    await expectOneVersion("v1");
  });

  it("goes back everywhere when the proxy refuses it there", async () => {
    const before = await namesOn(hosts);
    const swap = await visited(lab, ["v1", "v2"], () => app.refused({ image: images.v2, servers: { web: web(["refused"]) } }));
    expectNobodyFailed(swap);
    expect(await namesOn(hosts)).toEqual(before);
    expect(swap.result.error).toContain(`${hosts[1].name}: kamal-proxy did not switch shop-web-lab: `);
    expect(swap.result.error).toMatch(
      new RegExp(`${hosts[0].name}: switched back; ${hosts[2].name}: switched back; candidates were removed`),
    );
    await expectOneVersion("v1");
    app.configure({ servers: { web: web() } });
    expectOnlyImagesToRemove(await app.preview({ image: images.v1 }));
  });

  it("is switched nowhere when its healthy candidate there dies while the others prove themselves", async () => {
    const before = await namesOn(hosts);
    const jobs = { hosts: { [hosts[0].name]: hosts[0].address }, cmd: "/app worker" };
    let created = 0;
    app.around = async (change, run) => {
      if (change.host === hosts[0].name && change.what === "create container") created += 1;
      // The second one is of the worker, which waits until web is healthy everywhere.
      if (created === 2) await killCandidate();
      return run();
    };
    const swap = await visited(lab, ["v1"], () => app.refused({ image: images.v2, servers: { web: web(), jobs } }));
    expectNobodyFailed(swap);
    expect(await namesOn(hosts)).toEqual(before);
    expect(swap.result.error).toContain(`${hosts[1].name}: the container exited with code 137`);
    expect(swap.result.error).toContain("Nothing was switched");
    await expectOneVersion("v1");
  });

  it("goes back everywhere when its proxy dies there at the switch", async () => {
    const proxy = hosts[1].docker.getContainer("kamal-proxy");
    justBefore("kamal-proxy deploy", () => proxy.kill());
    const swap = await visited(lab, ["v1", "v2"], () => app.refused({ image: images.v2, servers: { web: web() } }));
    expectNobodyFailed(onHealthy(swap));
    expect(swap.result.error).toContain(`${hosts[1].name}: kamal-proxy did not switch shop-web-lab: kamal-proxy is not running`);
    await proxy.start();
    app.configure({ image: images.v1 });
    await Deadline.in(10).until(
      () => answerOf(hosts[1]).catch(() => undefined),
      () => new Error("the proxy does not answer"),
    );
    await expectOneVersion("v1");
    expectOnlyImagesToRemove(await app.preview());
  });
});

describe("a release whose connection to one host of three breaks", () => {
  const LANDS = "lands everywhere when it is cut before its first %s there, and no visitor notices";
  it.each(["start container", "stop container"])(LANDS, landsEverywhere);
  it.each(["create container", "kamal-proxy deploy"])(LANDS, { tags: "long" }, landsEverywhere);

  async function landsEverywhere(call: string): Promise<void> {
    const version = (await answerOf(hosts[0])) === "v1" ? "v2" : "v1";
    justBefore(call, async () => relay.cut());
    const swap = await visited(lab, ["v1", "v2"], () => app.released({ image: images[version] }));
    expectNobodyFailed(swap);
    expect(swap.result.said.join("\n")).toMatch(/warning: .*reconnecting/);
    await expectOneVersion(version);
    expect(await app.preview()).toBe("");
  }

  it("goes back there, too, when it was switched unheard and another host then refuses its part", async () => {
    const before = await namesOn(hosts);
    const calls = new Map<string, number>();
    app.around = async ({ host, what }, run) => {
      const times = (calls.get(`${host} ${what}`) ?? 0) + 1;
      calls.set(`${host} ${what}`, times);
      if (host === hosts[0].name && what === "create container" && times === 2) await takeName(hosts[0], await candidateName());
      if (host !== hosts[1].name || !what.startsWith("kamal-proxy deploy") || times > 1) return run();
      // An answer takes so long that it cannot arrive before the host is seen to be switched and the line is cut.
      relay.delay(500);
      const answer = run();
      await Deadline.in(10).until(
        async () => ((await answerOf(hosts[1])) === "v3" ? true : undefined),
        () => new Error("not switched"),
      );
      relay.cut();
      relay.delay(0);
      return answer;
    };
    const now = await answerOf(hosts[0]);
    const swap = await visited(lab, [now, "v3"], () => app.refused({ image: images.v3 }));
    expectNobodyFailed(swap);
    expect(swap.result.error).toMatch(
      new RegExp(`${hosts[0].name}: shop-web-lab-v3-\\S+ could not be started\n.*already in use`),
    );
    expect(swap.result.error).toContain(`${hosts[1].name}: switched back; candidates were removed.`);
    await expectOneVersion(now);
    expect(await namesOn(hosts)).toEqual(before);
    await removeStranger(hosts[0]);
  });

  it("starts the old one again that made way there, and lets the requests in that waited", { tags: "long" }, async () => {
    const before = await namesOn(hosts);
    const now = await answerOf(hosts[0]);
    const calls = new Map<string, number>();
    let candidate = "";
    app.around = async ({ host, what }, run) => {
      const times = (calls.get(`${host} ${what}`) ?? 0) + 1;
      calls.set(`${host} ${what}`, times);
      if (host === hosts[1].name && what === "start container" && times === 1) {
        candidate = await candidateName();
        relay.cut();
      }
      if (host === hosts[0].name && what === "create container" && times === 2) await takeName(hosts[0], candidate);
      return run();
    };
    const stopFirst = { web: { ...web(), strategy: "stop-first" } };
    const swap = await visited(lab, [now], () => app.refused({ image: images.v3, servers: stopFirst }), lab.hosts, PAUSED);
    expectNobodyFailed(swap);
    expect(swap.result.error).toMatch(new RegExp(`${hosts[1].name}: shop-web-lab-${now}-\\S+ was started again`));
    // Once when the connection was lost, so that no visitor waits for it, and once more in the end.
    const letIn = ({ host, what }: Change) => host === hosts[2].name && what === "kamal-proxy resume shop-web-lab";
    expect(swap.result.changes.filter(letIn)).toHaveLength(2);
    expect(await namesOn(hosts)).toEqual(before);
    await removeStranger(hosts[0]);
    expectOnlyImagesToRemove(await app.preview({ image: images[now] }));
    app.configure({ servers: { web: web() } });
  });

  it("lands everywhere when that host loses its power at the switch and comes back", { tags: "long" }, async () => {
    justBefore("kamal-proxy deploy", () => hosts[1].cutPower());
    const swap = await visited(lab, ["v1", "v2", "v3"], () => app.released({ image: images.v3 }));
    expectNobodyFailed(onHealthy(swap));
    await expectOneVersion("v3");
    expect(await app.preview()).toBe("");
  });
});

describe("a host that is gone for good", () => {
  it("stops a release that still wants it, before the first change", async () => {
    await relay.refuse();
    relay.cut();
    const mutations = await mutationsDuring(lab.hosts, async () => {
      const { error } = await app.refused({ image: images.v1 });
      expect(error).toContain(hosts[1].name);
      expect(error).toContain("nothing was changed");
      expect(error).toMatch(new RegExp(`${hosts[1].name} cannot be asked`));
    });
    expect(mutations).toEqual(nothingOn(lab.hosts));
  });

  it("is not forgotten because it is out of the config: nothing is changed anywhere", async () => {
    const [first, , third] = hosts;
    const rest = { web: { hosts: { [first.name]: first.address, [third.name]: third.address } } };
    const mutations = await mutationsDuring(lab.hosts, async () => {
      const { error } = await app.refused({ image: images.v1, servers: rest });
      expect(error).toContain(`cannot be removed from ${hosts[1].name}, which cannot be asked`);
      expect(error).toContain(`pulumi config set --path 'slipway:forget[0]' ${hosts[1].name}`);
    });
    expect(mutations).toEqual(nothingOn(lab.hosts));
  });

  it("hinders no release once it is given up: the rest is released, with a warning", async () => {
    const [first, , third] = hosts;
    const rest = { web: { hosts: { [first.name]: first.address, [third.name]: third.address } } };
    app.forget(hosts[1].name);
    const swap = await visited(lab, ["v1", "v3"], () => app.released({ servers: rest }), [first, third]);
    expectNobodyFailed(swap);
    expect(swap.result.said.join("\n")).toMatch(
      new RegExp(`warning: ${hosts[1].name} is given up \\(slipway:forget\\): the app shop-lab stays there`),
    );
    expect(await Promise.all([first, third].map((host) => answerOf(host)))).toEqual(["v1", "v1"]);
    expect(await app.preview()).toBe("");
  });

  it("does not keep the app from being taken down on the others", async () => {
    app.configure({ servers: { web: web() } });
    await app.withdraw();
    expect(await Promise.all(hosts.map(async (host) => (await containersOf(host)).length > 0))).toEqual([false, true, false]);
    await relay.accept();
    app.forget();
  });
});
