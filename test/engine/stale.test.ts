import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf, type StackValues } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { containersOf, freshHosts, liveOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { namesOn } from "../support/moments.ts";
import { mutationsDuring, nothingOn } from "../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../support/visitors.ts";

let lab: Lab;
let hosts: readonly [LabHost, LabHost];
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(2);
  hosts = lab.hosts as unknown as typeof hosts;
  for (const tag of ["v1", "v2", "v3"]) images[tag] = await pinnedImage(lab, tag);
});

describe("a host that someone else changes between the preview and the release", () => {
  let app: App;
  const settings = (): StackValues => ({
    image: images.v1,
    readiness_delay: 1,
    servers: { web: { hosts: addressesOf(hosts) }, worker: { hosts: addressesOf([hosts[1]]), cmd: "/app worker" } },
  });
  beforeAll(async () => {
    app = await App.create(lab, settings());
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  /** The release stops, changes nothing on any host, and says what someone else did. */
  const expectStopped = async (values: StackValues, interfere: () => Promise<unknown>): Promise<string> => {
    let since = new Date();
    const { error, changes } = await app.release(values, async () => {
      await interfere();
      since = new Date();
    });
    expect(error).toMatch(/^the hosts changed after the plan was made\n/);
    expect(error).toMatch(
      /serves now: .*; this run changed nothing\n {2}next: run pulumi up again: it plans from what is there now\n {2}code: PLAN_STALE$/,
    );
    expect(changes.filter(({ what }) => what !== "pull")).toEqual([]);
    const mutations = (await Promise.all(lab.hosts.map((host) => host.mutations(since)))).flat();
    expect(mutations.filter(({ type }) => type !== "image")).toEqual([]);
    return error;
  };

  it("is reported when another version was deployed, which stays", async () => {
    const colleague = await App.create(lab, { ...settings(), image: images.v3 });
    const error = await expectStopped({ image: images.v2 }, () => colleague.released());
    for (const { name } of hosts) expect(error).toMatch(new RegExp(`\\| ${name}: shop-web-lab-v3-[0-9a-f]{8} appeared\n`));
    expect(error).toMatch(/serves now: v3-/);
    expect(await Promise.all(hosts.map((host) => answerOf(host)))).toEqual(["v3", "v3"]);
    const swap = await visited(lab, ["v3", "v2"], () => app.released());
    expectNobodyFailed(swap);
    expect(await app.preview()).toBe("");
  });

  it("is reported when a container was removed", { tags: "long" }, async () => {
    const { id, name } = (await containersOf(hosts[1])).find(
      (one) => one.labels.role === "worker" && one.state === "running",
    ) ?? {
      id: "",
      name: "",
    };
    const error = await expectStopped({ image: images.v3 }, async () => {
      const since = new Date();
      await hosts[1].docker.getContainer(id).remove({ force: true });
      // Docker's events know it later than its answer.
      await Deadline.in(10).until(
        async () => (await hosts[1].mutations(since)).find(({ action }) => action === "destroy"),
        () => new Error(`${name} was not destroyed`),
      );
    });
    expect(error).toContain(`| ${hosts[1].name}: ${name} is gone\n`);
    await app.released();
  });

  it("is reported when the route was edited", async () => {
    const { id } = await liveOf(hosts[0]);
    const deploy = `docker exec kamal-proxy kamal-proxy deploy shop-web-lab --target ${id.slice(0, 12)}:3000 --host other.example`;
    const error = await expectStopped({ image: images.v2 }, () => hosts[0].must(deploy));
    expect(error).toMatch(new RegExp(`\\| ${hosts[0].name}: the route of web was edited: .*hosts`));
    await app.released();
    expect(await answerOf(hosts[0])).toBe("v2");
  });

  it("goes on when a container only crashed or came back: repairing it is what the release is for", async () => {
    const worker = (await containersOf(hosts[1])).find((one) => one.labels.role === "worker" && one.state === "running");
    const { error } = await app.release({ image: images.v3 }, () =>
      hosts[1].docker.getContainer(worker?.id ?? "").stop({ t: 1 }),
    );
    expect(error).toBe("");
    expect(await app.preview()).toBe("");
  });

  it("goes on when one crashes all the time, and that one does not come back", { tags: "long" }, async () => {
    const crashing = (env: Record<string, string>) => {
      const { servers } = settings() as { servers: Record<string, object> };
      return { ...servers, worker: { ...servers.worker, env } };
    };
    await app.released({ servers: crashing({ EXIT_AFTER_MS: "4000" }), image: images.v3 });
    const { error } = await app.release({ image: images.v2, servers: crashing({}) }, async () => {
      const id = (await containersOf(hosts[1])).find(({ labels }) => labels.role === "worker")?.id ?? "";
      await hosts[1].docker.getContainer(id).wait({ condition: "next-exit" });
    });
    expect(error).toBe("");
    expect(await app.preview()).toBe("");
  });

  it("is no trouble when the very same was released, and the state takes note of it", { tags: "long" }, async () => {
    await app.released({ image: images.v1 });
    const killed = await App.create(lab, { ...settings(), image: images.v2 });
    await killed.released();
    expect(await app.preview({ image: images.v2 })).toContain("already running everywhere; only the Pulumi state changes");
    const events = await mutationsDuring(lab.hosts, () => app.released());
    expect(events).toEqual(nothingOn(lab.hosts));
    expect(app.state?.release).toBe(killed.state?.release);
    expect(await app.preview()).toBe("");
  });
});

describe("two stacks on the same hosts", () => {
  let shop: App;
  let blog: App;
  const own = (service: string, image: string | undefined): StackValues => ({
    service,
    image,
    proxy: { app_port: 3000, host: `${service}.example` },
    servers: { web: { hosts: addressesOf(hosts) } },
  });
  const asked = async (host: LabHost, name: string): Promise<string> => {
    const load = await lab.load({ url: `http://${host.address}/`, host: name, rate: 20, limit: 5 });
    const { answers } = await load.stop();
    return answers.map(({ status, body }) => `${status} ${status === 200 ? body : ""}`.trim()).join();
  };
  const proxies = () =>
    Promise.all(hosts.map(async ({ docker }) => (await docker.getContainer("kamal-proxy").inspect()).State.StartedAt));

  beforeAll(async () => {
    shop = await App.create(lab, own("shop", images.v1));
    await shop.released();
  });
  afterAll(async () => {
    await shop.withdraw();
  });

  it("share one proxy, which the second does not touch, and each has its own route", async () => {
    const before = await proxies();
    blog = await App.create(lab, own("blog", images.v2), {}, "other");
    await blog.released();
    expect(await proxies()).toEqual(before);
    for (const host of hosts) {
      expect(await asked(host, "shop.example")).toBe("200 v1");
      expect(await asked(host, "blog.example")).toBe("200 v2");
    }
    expect([await shop.preview(), await blog.preview()]).toEqual(["", ""]);
  });

  it("are released side by side where they share a host, and both land", async () => {
    const [first, second] = await Promise.all([shop.released({ image: images.v3 }), blog.released({ image: images.v3 })]);
    expect([...first.statuses, ...second.statuses].filter((line) => line.startsWith("waiting for "))).toEqual([]);
    for (const host of hosts)
      expect([await asked(host, "shop.example"), await asked(host, "blog.example")]).toEqual(["200 v3", "200 v3"]);
    expect([await shop.preview(), await blog.preview()]).toEqual(["", ""]);
  });

  it("refuse a host name that the other one has, before the first change", async () => {
    const { error, changes } = await blog.refused({ proxy: { app_port: 3000, host: "shop.example" } });
    expect(error).toContain("the proxy already serves shop.example/ for shop-web-lab, so blog cannot use it");
    expect(changes).toEqual([]);
    blog.configure({ proxy: { app_port: 3000, host: "blog.example" } });
  });

  it("leave each other alone when one is taken down", async () => {
    const before = await namesOn(hosts, "shop");
    await blog.withdraw();
    expect(await namesOn(hosts, "shop")).toEqual(before);
    expect((await Promise.all(hosts.map((host) => containersOf(host, "blog")))).flat()).toEqual([]);
    for (const host of hosts) {
      expect(await asked(host, "shop.example")).toBe("200 v3");
      expect(await asked(host, "blog.example")).toBe("404");
    }
    expect(await shop.preview()).toBe("");
  });
});
