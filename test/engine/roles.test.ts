import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pinnedImage, pinnedImages } from "../support/images.ts";
import { momentOf, namesOn, runningOn } from "../support/moments.ts";
import { mutationsDuring } from "../support/outcome.ts";
import { expectOnlyImagesToRemove } from "../support/tidying.ts";
import { answerOf, expectNobodyFailed, PAUSED, versionsSeen, visited } from "../support/visitors.ts";

const named = (role: string, version: string, more = "") =>
  expect.stringMatching(new RegExp(`^shop-${role}-lab-${version}-[0-9a-f]{8}${more}$`));

let lab: Lab;
let web: readonly LabHost[];
let jobs: LabHost;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(3);
  [web, jobs] = [lab.hosts.slice(0, 2), hostOf(lab, 2)];
  Object.assign(images, await pinnedImages(lab, ["v1", "v2", "v3"]));
  images.broken = await pinnedImage(lab, "broken", { EXIT_AT_BOOT: "1" });
});

const names = () => namesOn(lab.hosts);
const envOf = async (host: LabHost, name: string) => (JSON.parse(await answerOf(host, "/env")) as Record<string, string>)[name];

describe("an app with web and worker", () => {
  let app: App;
  const role = (more: object = {}) => ({
    servers: { web: { hosts: addressesOf(web), ...more }, worker: { hosts: addressesOf([jobs]), cmd: "/app worker", ...more } },
  });

  beforeAll(async () => {
    app = await App.create(lab, { image: images.v1, readiness_delay: 1, ...role() });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("starts each role where it belongs", async () => {
    expect(await app.preview()).toContain("start shop-worker-lab-v1");
    const { said } = await app.released();
    expect(said).toEqual([expect.stringMatching(/^released v1-[0-9a-f]{8} in .* s, serving after/)]);
    expect(await Promise.all(web.map((host) => answerOf(host)))).toEqual(["v1", "v1"]);
    expect(await names()).toEqual([[named("web", "v1")], [named("web", "v1")], [named("worker", "v1")]]);
    expect(await app.preview()).toBe("");
  });

  it("replaces all of them, the worker when web is healthy", async () => {
    const preview = await app.preview({ image: images.v2 });
    expect(preview).toMatch(/start shop-worker-lab-v2-[0-9a-f]{8} after web is healthy/);
    const swap = await visited(lab, ["v1", "v2"], () => app.released(), web);
    expectNobodyFailed(swap);
    expect(versionsSeen(swap)).toEqual(["v1", "v2"]);
    expect(await names()).toEqual([[named("web", "v2")], [named("web", "v2")], [named("worker", "v2")]]);
    expect((await containersOf(jobs)).map(({ state }) => state)).toEqual(["running", "exited"]);
    expect(await app.preview()).toBe("");
  });

  it("leaves all on the version before when the new one exits at boot", async () => {
    const before = await names();
    const swap = await visited(lab, ["v2"], () => app.refused({ image: images.broken }), web, PAUSED);
    expectNobodyFailed(swap);
    expect(await names()).toEqual(before);
    const { error } = swap.result;
    expect(error).toMatch(/^shop broken-[0-9a-f]{8} was not released: \S+: the container exited with code 1/);
    expect(error).toContain("fatal: connection refused");
    const [one, two] = web.map(({ name }) => name);
    expect(error).toMatch(
      new RegExp(
        `serves now: v2-\\w{8} \\(web\\) on ${one}, ${two}; v2-\\w{8} \\(worker\\) on ${jobs.name}\\. Nothing was switched; candidates were removed`,
      ),
    );
  });

  it("leaves web on the version before, too, when only the new worker exits, and shows the worker's log", async () => {
    const before = await names();
    const { servers } = role();
    const worker = { ...servers.worker, env: { EXIT_AT_BOOT: "3" } };
    const swap = await visited(lab, ["v2"], () => app.refused({ image: images.v3, servers: { ...servers, worker } }), web);
    expectNobodyFailed(swap);
    expect(await names()).toEqual(before);
    expect(swap.result.error).toContain(`${jobs.name}: the container exited with code 3`);
    expect(swap.result.error).toMatch(/last log lines of shop-worker-lab-v3-[0-9a-f]{8}:\n.*fatal: connection refused/s);
  });

  it("gives each role's containers what the role says, and what the root says beside it", async () => {
    const { servers } = role();
    const worker = {
      ...servers.worker,
      cmd: "/app",
      env: { clear: { QUEUES: "default", LEVEL: "debug" } },
      labels: { team: "jobs" },
      options: { memory: "64m", cpus: 0.5, ulimit: ["nofile=4096:8192"], publish: ["9100:3000"], init: true },
      volumes: ["shop-jobs:/data", "/srv/shop:/config:ro"],
      stop_timeout: 3,
      logging: { options: { "max-size": "5m" } },
    };
    const root = {
      env: { clear: { LEVEL: "info", REGION: "eu" } },
      labels: { app: "shop", team: "all" },
      volumes: ["shop-all:/all"],
    };
    await app.released({ image: images.v3, ...root, servers: { ...servers, worker } });

    const { Config, HostConfig } = await jobs.docker.getContainer((await liveOf(jobs)).id).inspect();
    expect(Config.Env).toEqual(expect.arrayContaining(["QUEUES=default", "LEVEL=debug", "REGION=eu", `KAMAL_HOST=${jobs.name}`]));
    expect(Config.Labels).toMatchObject({ app: "shop", team: "jobs", role: "worker", destination: "lab" });
    expect(Config).toMatchObject({ StopTimeout: 3, Cmd: ["/app"] });
    expect(HostConfig).toMatchObject({
      Memory: 64 * 2 ** 20,
      NanoCpus: 5e8,
      Ulimits: [{ Name: "nofile", Soft: 4096, Hard: 8192 }],
      PortBindings: { "3000/tcp": [{ HostIp: "127.0.0.1", HostPort: "9100" }] },
      Init: true,
      Binds: ["shop-all:/all", "shop-jobs:/data", "/srv/shop:/config:ro"],
      LogConfig: { Type: "json-file", Config: { "max-size": "5m" } },
      RestartPolicy: { Name: "unless-stopped" },
    });
    const other = await hostOf(lab)
      .docker.getContainer((await liveOf(hostOf(lab))).id)
      .inspect();
    expect(other.Config.Env).toEqual(expect.arrayContaining(["LEVEL=info", "REGION=eu"]));
    expect(other.Config.Env.join()).not.toContain("QUEUES");
    expect(other.Config.Labels).toMatchObject({ team: "all", role: "web" });
    expect(other.HostConfig).toMatchObject({ Memory: 0, PortBindings: {}, Binds: ["shop-all:/all"] });
    expect(await app.preview()).toBe("");
    expect(await askedOn(jobs, 9100)).toContain("v3");
  });

  it("stops the old one first where it has the host's ports, kills it after its stop_timeout, and says so before", async () => {
    const { servers } = role();
    const worker = { ...servers.worker, cmd: "/app", options: { publish: ["9100:3000"] }, stop_timeout: 1 };
    await app.released({ servers: { ...servers, worker: { ...worker, env: { IGNORE_SIGTERM: "1" } } } });
    const preview = await app.preview({ servers: { ...servers, worker } });
    expect(preview).toMatch(/stop shop-worker-lab-v3-[0-9a-f]{8} first \(≤ 1 s to finish\) · start shop-worker-lab-v3/);
    expect(preview).toContain("down while nothing runs");
    const old = await liveOf(jobs);
    let said: readonly string[] = [];
    const releasing = async () => {
      ({ said } = await app.released());
    };
    const events = (await mutationsDuring([jobs], releasing))[jobs.name] ?? [];
    expect(said).toEqual([
      `warning: ${jobs.name}: ${old.name} was killed: it had not ended 1 s after its stop signal. If its work takes longer, raise slipway:servers.worker.stop_timeout`,
      expect.stringMatching(/^released v3-[0-9a-f]{8} in .*, down for [\d.]+ s: /),
    ]);
    const fresh = await liveOf(jobs);
    expect(momentOf(events, "die", old.name)).toBeLessThan(momentOf(events, "start", fresh.name));
    const [asked, gone] = [momentOf(events, "kill", old.name), momentOf(events, "die", old.name)];
    expect(gone - asked).toBeGreaterThanOrEqual(1000);
    expect(gone - asked).toBeLessThan(3000);
    expect(await askedOn(jobs, 9100)).toContain("v3");
  });

  it("finds a port that is in use before it stops the old one, and names what uses it", async () => {
    const { servers } = role();
    const old = await liveOf(jobs);
    await jobs.must(`docker run -d --name stranger -p 127.0.0.1:9101:80 ${images.v1}`);
    const worker = { ...servers.worker, cmd: "/app", stop_timeout: 1, options: { publish: ["9101:3000"] } };
    let error = "";
    const refusing = async () => {
      ({ error } = await app.refused({ servers: { ...servers, worker } }));
    };
    const events = (await mutationsDuring([jobs], refusing))[jobs.name] ?? [];
    await jobs.must("docker rm -f stranger");
    expect(error).toContain(`${jobs.name}: port 9101/tcp is in use: the container stranger (`);
    expect(error).toContain("slipway:servers.worker.options.publish");
    expect(events).toEqual([]);
    expect((await liveOf(jobs)).id).toBe(old.id);
  });

  it("brings the old one with the host's ports back when the new one exits, and says that it runs again", async () => {
    const { servers } = role();
    const old = await liveOf(jobs);
    const worker = {
      ...servers.worker,
      cmd: "/app",
      stop_timeout: 1,
      env: { EXIT_AT_BOOT: "4" },
      options: { publish: ["9100:3000"] },
    };
    const { error } = await app.refused({ servers: { ...servers, worker } });
    expect(error).toContain(`${jobs.name}: the container exited with code 4`);
    expect(error).toContain(`${jobs.name}: ${old.name} was started again`);
    expect((await liveOf(jobs)).id).toBe(old.id);
    expect(await askedOn(jobs, 9100)).toContain("v3");
  });
});

/** What a port of the host answers to the host itself. */
const askedOn = (host: LabHost, port: number): Promise<string> =>
  host.must(`exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`);

describe("an app with replicas", { tags: "long" }, () => {
  let app: App;
  const spread = (replicas: number) => ({
    servers: {
      web: { hosts: addressesOf(web), replicas },
      worker: { hosts: addressesOf([jobs]), cmd: "/app worker", replicas: replicas + 1 },
    },
  });
  const counts = async () => (await names()).map(({ length }) => length);
  /** The containers that answer on a host. */
  const answering = async (host: LabHost) => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => envOf(host, "KAMAL_CONTAINER_NAME")));
    return [...new Set(asked)].sort();
  };

  beforeAll(async () => {
    app = await App.create(lab, { image: images.v1, readiness_delay: 0, ...spread(1) });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("starts the ones that are missing, and both answer", async () => {
    const preview = await app.preview(spread(2));
    expect(preview).toMatch(/start shop-web-lab-v1-[0-9a-f]{8}\.2 · spread shop-web-lab over 2 containers {3}gap 0 s/);
    const first = await names();
    const up = await visited(lab, ["v1"], () => app.released(), web);
    expectNobodyFailed(up);
    expect(await counts()).toEqual([2, 2, 3]);
    for (const [at, host] of lab.hosts.entries())
      expect((await namesOn([host]))[0]).toEqual(expect.arrayContaining(first[at] ?? []));
    for (const host of web) expect(await answering(host)).toEqual([named("web", "v1"), named("web", "v1", "\\.2")]);
    expect(await app.preview()).toBe("");
  });

  it("replaces them all by a new version", async () => {
    const swap = await visited(lab, ["v1", "v2"], () => app.released({ image: images.v2 }), web);
    expectNobodyFailed(swap);
    expect(await counts()).toEqual([2, 2, 3]);
    for (const host of web) expect(await answering(host)).toEqual([named("web", "v2"), named("web", "v2", "\\.2")]);
  });

  it("sees one that was stopped by hand, and starts it again without touching the others", async () => {
    const host = hostOf(lab);
    const [first, second] = (await runningOn(host)).sort((a, b) => (a.name < b.name ? -1 : 1));
    await host.docker.getContainer(second?.id ?? "").stop({ t: 1 });
    const preview = await app.preview();
    expect(preview).toMatch(/found stopped with code 0 \(drift\)/);
    expect(preview.split("\n").filter((line) => /^ {2}\S/.test(line) && !line.startsWith("  rollback"))).toHaveLength(1);
    // Until its own check sees it, the proxy asks the stopped one, too: that outage comes from the stop by hand, not from the release.
    const noticed = async () => ((await answering(host).catch(() => [])).length === 1 ? true : undefined);
    await Deadline.in(10).until(noticed, () => new Error("the proxy still asks the stopped replica"));
    const healed = await visited(lab, ["v2"], () => app.released(), web);
    expectNobodyFailed(healed);
    const now = (await runningOn(host)).map(({ id }) => id);
    expect(now).toHaveLength(2);
    expect(now).toContain(first?.id);
    expect(await answering(host)).toHaveLength(2);
    expect(await app.preview()).toBe("");
  });

  it("takes away the ones that are too many", async () => {
    const down = await visited(lab, ["v2"], () => app.released(spread(1)), web);
    expectNobodyFailed(down);
    expect(await counts()).toEqual([1, 1, 2]);
    for (const host of web) expect(await answering(host)).toHaveLength(1);
    expect(await app.preview()).toBe("");
  });
});

describe("a proxied role that must stop before it starts", { tags: "long" }, () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, {
      image: images.v1,
      deploy_timeout: 10,
      servers: { web: { hosts: addressesOf(web), strategy: "stop-first" } },
    });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("lets requests wait meanwhile, and none fails", async () => {
    expect(await app.preview({ image: images.v2 })).toContain("requests wait while nothing runs");
    const host = hostOf(lab);
    const old = await liveOf(host);
    const since = new Date();
    const swap = await visited(lab, ["v1", "v2"], () => app.released(), web, PAUSED);
    expectNobodyFailed(swap);
    expect(swap.result.said.at(-1)).toMatch(/^released v2-[0-9a-f]{8} in .*, requests waited up to [\d.]+ s: /);
    expect(versionsSeen(swap)).toEqual(["v1", "v2"]);
    const events = await host.mutations(since);
    const outage = momentOf(events, "start", "shop-web-lab-v2") - momentOf(events, "die", old.name);
    expect(outage).toBeGreaterThan(0);
    expect(swap.seen[0]?.latency.max).toBeGreaterThan(outage);
    expect(await app.preview()).toBe("");
  });

  it("gives the requests back to the old one when the new one exits, and none fails", async () => {
    const before = await names();
    const swap = await visited(lab, ["v2"], () => app.refused({ image: images.broken }), web);
    expectNobodyFailed(swap);
    expect(await names()).toEqual(before);
    const { error } = swap.result;
    for (const host of web) expect(error).toMatch(new RegExp(`${host.name}: shop-web-lab-v2-[0-9a-f]{8} was started again`));
    expect(error).toMatch(/serves now: v2-[0-9a-f]{8} on/);
    expectOnlyImagesToRemove(await app.preview({ image: images.v2 }));
  });
});

describe("hosts that differ", { tags: "long" }, () => {
  it("get the environment of their tags and the host names of their own", async () => {
    const [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    await using app = await App.create(lab, {
      image: images.v1,
      env: { clear: { LEVEL: "info" }, tags: { loud: { LEVEL: "debug" } } },
      proxy: { app_port: 3000, host: "shop.example" },
      servers: {
        web: {
          hosts: {
            [first.name]: { address: first.address, tags: ["loud"] },
            [second.name]: { address: second.address, proxy: { host: "eu.shop.example" } },
          },
        },
      },
    });
    await app.released();
    const ask = async (host: LabHost, name: string, path = "/env") => {
      const load = await lab.load({ url: `http://${host.address}${path}`, host: name, rate: 20, limit: 1 });
      await sleep(100);
      const { answers } = await load.stop();
      return answers.map(({ status, body }) => `${status} ${/"LEVEL":"\w+"/.exec(body)?.[0] ?? ""}`)[0];
    };
    expect(await ask(first, "shop.example")).toBe('200 "LEVEL":"debug"');
    expect(await ask(first, "eu.shop.example")).toMatch(/^404/);
    expect(await ask(second, "eu.shop.example")).toBe('200 "LEVEL":"info"');
    expect(await ask(second, "shop.example")).toMatch(/^404/);
    expect(await app.preview()).toBe("");
  });
});
