import { beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import type { RouteOptions } from "../../../core/route.ts";
import { type Change, type Host, KAMAL_PROXY, KamalProxy } from "../../../hosts/index.ts";
import { OneHost } from "../../../lab/one-host.ts";
import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import type { ReachOptions } from "../../../lab/reach.ts";
import { PLAIN as SHOP_ROUTE } from "../../wire/local-proxy.ts";

const mine = new OneHost("hosts");
const { name: NAME } = mine;
beforeAll(() => mine.there.reset());

const reach = (options?: ReachOptions): Host => mine.reach(options);

/** For all host names. */
const PLAIN: RouteOptions = { ...SHOP_ROUTE, hosts: [] };
const TIMEOUTS = { deploy: 20, drain: 20 };
const VOLUME = `/var/lib/docker/volumes/${KAMAL_PROXY.volume}/_data`;

/** Creates a kamal-proxy as Kamal does, with an empty volume. */
async function createProxy(host: Host): Promise<KamalProxy> {
  await host.docker.remove(KAMAL_PROXY.container, { force: true, anonymousVolumes: true });
  await host.docker.removeVolume(KAMAL_PROXY.volume);
  await host.docker.createNetwork(KAMAL_PROXY.network, {});
  await host.docker.create(KAMAL_PROXY.container, {
    Image: PROXY_IMAGE,
    ExposedPorts: { "80/tcp": {} },
    HostConfig: {
      NetworkMode: KAMAL_PROXY.network,
      Binds: [`${KAMAL_PROXY.volume}:${KAMAL_PROXY.configFolder}`],
      PortBindings: { "80/tcp": [{ HostPort: "80" }] },
    },
  });
  return new KamalProxy(host);
}

/** Creates a kamal-proxy and waits until it answers. */
async function startProxy(host: Host): Promise<KamalProxy> {
  const proxy = await createProxy(host);
  await host.docker.start(KAMAL_PROXY.container);
  await answering(proxy);
  return proxy;
}

const answering = (proxy: KamalProxy): Promise<string[]> =>
  Deadline.in(20).until(
    () => proxy.services(),
    () => new Error("kamal-proxy does not answer"),
  );

/** Starts containers of the test app and returns their targets. */
async function startTargets(host: Host, names: readonly string[]): Promise<string[]> {
  const { ref } = await mine.lab.image("hosts-app", "v1");
  await host.docker.pull(ref, mine.lab.registry, { deadline: Deadline.in(60) });
  return Promise.all(
    names.map(async (name) => {
      await host.docker.remove(name, { force: true, anonymousVolumes: true });
      const { id } = await host.docker.create(name, { Image: ref, HostConfig: { NetworkMode: KAMAL_PROXY.network } });
      await host.docker.start(id);
      return `${id.slice(0, 12)}:3000`;
    }),
  );
}

/** The proxy's answer to a visitor. */
async function visit(path: string, cookie = ""): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://${mine.there.address}${path}`, { headers: { cookie }, signal: AbortSignal.timeout(30_000) });
  return { status: answer.status, body: await answer.text() };
}

describe("the proxy", () => {
  it("switches twelve routes at once, without waiting for drains of the others, while commands run", {
    tags: "long",
  }, async () => {
    const host = reach();
    const proxy = await startProxy(host);
    const [old = "", next = ""] = await startTargets(host, ["hl-old", "hl-next"]);
    const paths = Array.from({ length: 12 }, (_, index) => `/s${index}`);
    const options = (path: string): RouteOptions => ({ ...PLAIN, pathPrefixes: [path] });
    for (const path of paths) await proxy.deploy(path.slice(1), [old], options(path), TIMEOUTS);
    const slow = Promise.all(paths.map((path) => visit(`${path}/slow?ms=8000`)));
    slow.catch(() => {});
    const inFlight = `nsenter -t $(docker inspect -f '{{.State.Pid}}' hl-old) -n ss -Htn state established sport = :3000 | wc -l`;
    await Deadline.in(10).until(
      async () => (Number(await mine.there.must(inFlight)) >= paths.length ? true : undefined),
      () => new Error("the slow requests did not start"),
    );
    const began = performance.now();
    let drained = 0;
    const deploys = paths.map((path) =>
      proxy.deploy(path.slice(1), [next], options(path), TIMEOUTS).then(() => {
        drained += 1;
      }),
    );
    const sleeps = [host.run(["sleep", "3"]), host.run(["sleep", "3"])];
    const lease = await host.lease("hl", { deadline: Deadline.in(5) });
    await Deadline.in(7).until(
      async () => ((await proxy.routes()).every(({ targets: [target] }) => target === next) ? true : undefined),
      () => new Error("a switch waited for a drain"),
    );
    const switched = performance.now() - began;
    expect(drained).toBe(0);
    expect(switched).toBeLessThan(7_000);
    expect((await Promise.all(sleeps)).map(({ code }) => code)).toEqual([0, 0]);
    await lease.release();
    await Promise.all(deploys);
    expect((await slow).map(({ status }) => status)).toEqual(paths.map(() => 200));
    // After so many calls at once, the state file is still correct.
    expect((await proxy.routes()).map(({ targets: [target] }) => target)).toEqual(paths.map(() => next));
  });

  it("serves from several targets, and keeps a canary until it is stopped, even when the route is re-created", async () => {
    const host = reach();
    const proxy = await startProxy(host);
    const [one = "", two = "", canary = ""] = await startTargets(host, ["hl-one", "hl-two", "hl-canary"]);
    await proxy.rolloutStop("shop");
    await proxy.deploy("shop", [one, two], PLAIN, TIMEOUTS);
    await proxy.rolloutStop("shop");
    await proxy.rolloutDeploy("shop", [canary], TIMEOUTS);
    expect(await proxy.route("shop")).toMatchObject({ targets: [one, two], rollout: undefined });
    await proxy.rolloutSet("shop", { percent: 10, allow: ["ann", "b,c"] });
    const rollout = { targets: [canary], percent: 10, allow: ["ann", "b,c"] };
    expect((await proxy.route("shop"))?.rollout).toEqual(rollout);
    await mine.there.must("docker stop -t 1 hl-one hl-two");
    expect((await visit("/", "kamal-rollout=ann")).status).toBe(200);
    expect((await visit("/")).status).not.toBe(200);
    await mine.there.must("docker start hl-one hl-two");
    const route = await proxy.route("shop");
    await proxy.remove("shop");
    await proxy.remove("shop");
    if (route !== undefined) await proxy.recreateRoute(route, TIMEOUTS);
    expect(await proxy.route("shop")).toEqual(route);
    await proxy.rolloutStop("shop");
    expect((await proxy.route("shop"))?.rollout).toBeUndefined();
  });

  it("can be stopped with a message and resumed, repeatedly and across its restart", async () => {
    const host = reach();
    const proxy = await startProxy(host);
    const [target = ""] = await startTargets(host, ["hl-one"]);
    await proxy.deploy("shop", [target], PLAIN, TIMEOUTS);
    for (const message of ["back at 9", "back at 10", "back at 10"]) await proxy.stop("shop", { drain: 5, message });
    expect((await proxy.route("shop"))?.state).toEqual({ kind: "stopped", message: "back at 10" });
    expect(await visit("/")).toMatchObject({ status: 503, body: expect.stringContaining("back at 10") });
    await restart(host, proxy);
    expect((await visit("/")).status).toBe(503);
    for (const _ of [1, 2]) await proxy.resume("shop");
    expect((await visit("/")).status).toBe(200);
    expect((await proxy.route("shop"))?.state).toEqual({ kind: "running" });
  });

  it("holds requests while it is paused, and loses none when it resumes", async () => {
    const host = reach();
    const proxy = await startProxy(host);
    const [target = ""] = await startTargets(host, ["hl-one"]);
    await proxy.deploy("shop", [target], PLAIN, TIMEOUTS);
    for (const _ of [1, 2]) await proxy.pause("shop", { drain: 5, maxPause: 20 });
    expect((await proxy.route("shop"))?.state).toEqual({ kind: "paused" });
    const waiting = Promise.all([visit("/"), visit("/version")]);
    await proxy.deploy("shop", [target], PLAIN, TIMEOUTS);
    expect((await proxy.route("shop"))?.state).toEqual({ kind: "paused" });
    await proxy.resume("shop");
    expect((await waiting).map(({ status }) => status)).toEqual([200, 200]);
  });

  it("resumes from a pause in which it restarted, without a crash", { tags: "long" }, async () => {
    const host = reach();
    const proxy = await startProxy(host);
    const [target = "", other = ""] = await startTargets(host, ["hl-one", "hl-two"]);
    await proxy.deploy("other", [target], { ...PLAIN, pathPrefixes: ["/other"] }, TIMEOUTS);
    await proxy.deploy("shop", [target], PLAIN, TIMEOUTS);
    await proxy.rolloutDeploy("shop", [other], TIMEOUTS);
    await proxy.rolloutSet("shop", { allow: ["ann"] });
    for (const end of [() => proxy.resume("shop"), () => proxy.stop("shop", { drain: 1, message: "" })]) {
      await proxy.pause("shop", { drain: 1, maxPause: 1 });
      await restart(host, proxy);
      await proxy.pause("shop", { drain: 1, maxPause: 1 });
      const before = (await host.docker.inspect(KAMAL_PROXY.container))?.state.startedAt;
      await end();
      expect((await host.docker.inspect(KAMAL_PROXY.container))?.state).toMatchObject({ running: true, startedAt: before });
      expect((await visit("/other")).status).toBe(200);
      expect((await proxy.route("shop"))?.rollout).toEqual({ targets: [other], percent: 0, allow: ["ann"] });
    }
    expect((await visit("/")).status).toBe(503);
  });
});

async function restart({ docker }: Host, proxy: KamalProxy): Promise<void> {
  await docker.stop(KAMAL_PROXY.container, 5);
  await docker.start(KAMAL_PROXY.container);
  await answering(proxy);
}

describe("files of the proxy", () => {
  const CERTIFICATE = { "cert.pem": "a certificate\n", "key.pem": "canary-key\n" };
  const listed = async () =>
    (await mine.there.must(`cd ${VOLUME} && find slipway -printf '%p %m %U:%G %s\n' | sort`)).trim().split("\n");

  it("belong to the proxy and are private, in a created container and in a running one", async () => {
    const host = reach();
    const proxy = await createProxy(host);
    await proxy.placeFiles("slipway/shop-web/cert-1", CERTIFICATE);
    expect(await listed()).toEqual([
      "slipway 700 1001:1001 4096",
      "slipway/shop-web 700 1001:1001 4096",
      "slipway/shop-web/cert-1 700 1001:1001 4096",
      "slipway/shop-web/cert-1/cert.pem 600 1001:1001 14",
      "slipway/shop-web/cert-1/key.pem 600 1001:1001 11",
    ]);
    await host.docker.start(KAMAL_PROXY.container);
    await answering(proxy);
    await proxy.placeFiles("slipway/shop-web/pages-1", { "502.html": "down" });
    expect(await proxy.folders("slipway/shop-web")).toEqual(expect.arrayContaining(["cert-1", "pages-1"]));
    expect(await proxy.folders("slipway")).toEqual(["shop-web"]);
    expect(await proxy.folders("none")).toEqual([]);
    const [target = ""] = await startTargets(host, ["hl-one"]);
    const errorPages = `${KAMAL_PROXY.configFolder}/slipway/shop-web/pages-1`;
    await proxy.deploy("shop", [target], { ...PLAIN, errorPages }, TIMEOUTS);
    await host.docker.stop("hl-one", 1);
    expect(await visit("/")).toEqual({ status: 502, body: "down" });
  });

  it("are written once, and repaired where a part is missing or differs", async () => {
    const changes: string[] = [];
    const around = <T>({ what }: Change, run: () => Promise<T>): Promise<T> => {
      changes.push(what);
      return run();
    };
    const proxy = await createProxy(reach());
    const watched = new KamalProxy(reach({ around }));
    await proxy.placeFiles("slipway/cert-1", CERTIFICATE);
    await watched.placeFiles("slipway/cert-1", CERTIFICATE);
    expect(changes).toEqual([]);
    for (const damage of ["rm cert.pem", "echo other > key.pem", "chmod 644 key.pem"]) {
      await mine.there.must(`cd ${VOLUME}/slipway/cert-1 && ${damage}`);
      await watched.placeFiles("slipway/cert-1", CERTIFICATE);
      expect(await mine.there.must(`cd ${VOLUME}/slipway/cert-1 && stat -c '%n %a %s' *`)).toBe(
        "cert.pem 600 14\nkey.pem 600 11\n",
      );
    }
    expect(changes).toHaveLength(3);
  });

  it("are deleted from the disk with their folder, which can be written again", async () => {
    const proxy = await startProxy(reach());
    for (const folder of ["slipway/cert-1", "slipway/cert-2"]) await proxy.placeFiles(folder, CERTIFICATE);
    for (const _ of [1, 2]) await proxy.removeFolder("slipway/cert-1");
    await proxy.removeFolder("slipway/never");
    expect(await proxy.folders("slipway")).toEqual(["cert-2"]);
    expect((await mine.there.must(`grep -rl canary-key ${VOLUME}`)).trim()).toBe(`${VOLUME}/slipway/cert-2/key.pem`);
    await proxy.placeFiles("slipway/cert-1", CERTIFICATE);
    expect((await proxy.folders("slipway")).sort()).toEqual(["cert-1", "cert-2"]);
  });
});

describe("the trace", () => {
  it("wraps each call that changes the host, and no read", async () => {
    const seen: string[] = [];
    const around = async <T>({ host, what }: Change, run: () => Promise<T>): Promise<T> => {
      seen.push(`${host}: ${what}`);
      const done = await run();
      seen.push("done");
      return done;
    };
    const host = reach({ around });
    const proxy = await startProxy(host);
    await host.docker.containers({});
    await host.docker.version();
    await proxy.services();
    await host.docker.rename(KAMAL_PROXY.container, "other");
    await host.docker.stop("other", 1);
    await host.docker.remove("other", { force: true, anonymousVolumes: true });
    const changes = ["remove container", "remove volume", "create network", "create container", "start container"];
    const later = ["rename container", "stop container", "remove container"];
    // The first two may find nothing to remove.
    expect(seen.filter((line) => line !== "done")).toEqual([...changes, ...later].map((what) => `${NAME}: ${what}`));
    expect(seen.filter((line) => line === "done").length).toBeGreaterThanOrEqual(changes.length + later.length - 2);
  });

  it("can prevent a call", async () => {
    const refuse = () => Promise.reject(new Error("not today"));
    const { docker } = reach({ around: refuse });
    await expect(docker.createNetwork("hosts-refused", {})).rejects.toThrow("not today");
    expect(await reach().docker.network("hosts-refused")).toBeUndefined();
  });
});
