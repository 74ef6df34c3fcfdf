import { rm } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import { anApp, freePorts, LocalProxy, PLAIN, targetOf } from "./local-proxy.ts";

/** The behaviour of kamal-proxy 0.9.2 that hosts/proxy/kamal-proxy.ts relies on or works around. If a test fails with a newer version, adapt that file. */
let proxy: LocalProxy;
let apps: Server[];
let a: string;
let b: string;
let c: string;

beforeAll(async () => {
  // Builds the binary if it is missing.
  await (await LocalProxy.start()).stop();
}, 900_000);

beforeEach(async () => {
  proxy = await LocalProxy.start();
  apps = await Promise.all(["a", "b", "c"].map(anApp));
  [a, b, c] = apps.map(targetOf) as [string, string, string];
  await proxy.deploy([a], PLAIN);
});

afterEach(async () => {
  await proxy.stop();
  for (const app of apps) app.close();
});

const ANN = { cookie: "kamal-rollout=ann" };
const rollout = (verb: string, ...flags: string[]) => proxy.control("rollout", verb, "shop-web", ...flags);

/** A slow request that is in flight when this resolves. */
async function inFlight(app: Server, headers = {}): Promise<{ answer: ReturnType<LocalProxy["get"]>; ended: () => boolean }> {
  const arrived = new Promise((resolve) => app.once("request", resolve));
  const answer = proxy.get("/slow?ms=1500", headers);
  let over = false;
  answer.then(
    () => {
      over = true;
    },
    () => {},
  );
  await arrived;
  return { answer, ended: () => over };
}

describe("a canary", () => {
  it("cannot have a share before it has targets, and has none until it is set", async () => {
    await expect(rollout("set", "--percent=5")).rejects.toThrow(/rollout target not set/);
    await rollout("deploy", `--target=${b}`);
    expect((await proxy.route())?.rollout).toBeUndefined();
    expect((await proxy.get("/", ANN)).body).toBe("a");
  });

  it("serves listed cookie values and a share of the others, never requests without a cookie", async () => {
    await rollout("deploy", `--target=${b}`);
    await rollout("set", "--percent=100", "--list=ann");
    expect((await proxy.route())?.rollout).toEqual({ targets: [b], percent: 100, allow: ["ann"] });
    expect((await proxy.get("/", { cookie: "kamal-rollout=anybody" })).body).toBe("b");
    expect((await proxy.get("/")).body).toBe("a");
    await rollout("set", "--list=ann");
    expect((await proxy.route())?.rollout).toEqual({ targets: [b], percent: 0, allow: ["ann"] });
    expect((await proxy.get("/", { cookie: "kamal-rollout=anybody" })).body).toBe("a");
  });

  it("survives an ordinary deploy and a restart", async () => {
    await rollout("deploy", `--target=${b}`);
    await rollout("set", "--list=ann");
    await proxy.deploy([c], PLAIN);
    await proxy.restart();
    expect(await proxy.route()).toMatchObject({ targets: [c], rollout: { targets: [b], percent: 0, allow: ["ann"] } });
    expect([(await proxy.get("/", ANN)).body, (await proxy.get("/")).body]).toEqual(["b", "c"]);
  });

  it("is not drained when it stops, but when it is replaced", async () => {
    await rollout("deploy", `--target=${b}`);
    await rollout("set", "--list=ann");
    const slow = await inFlight(apps[1] as Server, ANN);
    await rollout("stop");
    expect(slow.ended()).toBe(false);
    expect((await proxy.route())?.rollout).toBeUndefined();
    expect((await proxy.get("/", ANN)).body).toBe("a");
    await rollout("deploy", `--target=${a}`);
    expect(slow.ended()).toBe(true);
    expect(await slow.answer).toEqual({ status: 200, body: "b" });
  });

  it("that was stopped comes back with the next share, even with old targets", async () => {
    await rollout("deploy", `--target=${b}`);
    await rollout("stop");
    await rollout("set", "--list=ann");
    expect((await proxy.get("/", ANN)).body).toBe("b");
  });
});

describe("a deploy", () => {
  it("serves from several targets in turn, once all are healthy", async () => {
    await proxy.deploy([a, b], PLAIN);
    expect((await proxy.route())?.targets).toEqual([a, b]);
    expect(new Set(await Promise.all([1, 2, 3, 4].map(async () => (await proxy.get()).body)))).toEqual(new Set(["a", "b"]));
    const [dead] = await freePorts(1);
    const argv = ["deploy", "shop-web", `--target=${c}`, `--target=127.0.0.1:${dead}`, "--deploy-timeout=500ms"];
    await expect(proxy.control(...argv, "--host=shop.example")).rejects.toThrow(/failed to become healthy/);
    expect((await proxy.route())?.targets).toEqual([a, b]);
  });

  it("sends no more requests to one of several targets after it fails", async () => {
    await proxy.deploy([a, b], PLAIN);
    const [, second] = apps;
    second?.close();
    second?.closeAllConnections();
    const onlyFirst = async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => proxy.get()));
      return answers.every(({ status, body }) => status === 200 && body === "a") ? true : undefined;
    };
    await Deadline.in(5).until(onlyFirst, () => new Error("b is still asked"));
  });

  it("drains a target that is deployed again, and cuts slower requests", async () => {
    const patient = await inFlight(apps[0] as Server);
    await proxy.deploy([a, b], PLAIN);
    expect(patient.ended()).toBe(true);
    expect((await patient.answer).status).toBe(200);
    await proxy.deploy([a], PLAIN);
    const cut = await inFlight(apps[0] as Server);
    await proxy.control("deploy", "shop-web", `--target=${a}`, "--host=shop.example", "--drain-timeout=100ms");
    expect((await cut.answer).status).not.toBe(200);
  });

  it("keeps a service stopped or paused", async () => {
    await proxy.control("stop", "shop-web", "--message=back at 9");
    await proxy.deploy([b], PLAIN);
    expect(await proxy.route()).toMatchObject({ targets: [b], state: { kind: "stopped", message: "back at 9" } });
    expect(await proxy.get()).toMatchObject({ status: 503, body: expect.stringContaining("back at 9") });
    expect((await proxy.get("/up")).status).toBe(200);
    await proxy.control("pause", "shop-web", "--max-pause=200ms");
    await proxy.deploy([c], PLAIN);
    expect(await proxy.route()).toMatchObject({ targets: [c], state: { kind: "paused" } });
    expect((await proxy.get()).status).toBe(504);
    await proxy.control("resume", "shop-web");
    expect(await proxy.get()).toEqual({ status: 200, body: "c" });
  });
});

describe("the state file", () => {
  it("shows stopped or paused only after requests in flight have drained", async () => {
    const slow = await inFlight(apps[0] as Server);
    const stopped = proxy.control("stop", "shop-web");
    const turnedAway = async () => ((await proxy.get()).status === 503 ? true : undefined);
    await Deadline.in(1).until(turnedAway, () => new Error("still open"));
    expect((await proxy.route())?.state).toEqual({ kind: "running" });
    await stopped;
    expect(slow.ended()).toBe(true);
    expect((await proxy.route())?.state).toEqual({ kind: "stopped", message: "" });
  });

  it("is written again by a call for a missing service, which changes nothing else", async () => {
    const before = await proxy.routes();
    await rm(join(proxy.home, ".config/kamal-proxy/kamal-proxy.state"));
    await expect(proxy.control("resume", "(write the state file)")).rejects.toThrow(/service not found/);
    expect(await proxy.routes()).toEqual(before);
  });

  it("keeps the time of a pause to the nanosecond", async () => {
    await proxy.control("pause", "shop-web", "--max-pause=1000ms123456ns");
    expect((await proxy.route())?.pausedIn).toBe(123_456);
    await proxy.restart();
    expect((await proxy.route())?.pausedIn).toBe(123_456);
  });
});

describe("a restart", () => {
  it("keeps a stopped service stopped, and it can be resumed", async () => {
    await proxy.control("stop", "shop-web", "--message=back at 9");
    await proxy.restart();
    expect(await proxy.get()).toMatchObject({ status: 503, body: expect.stringContaining("back at 9") });
    await proxy.control("resume", "shop-web");
    expect((await proxy.get()).status).toBe(200);
  });

  it.each(["resume", "stop"])(
    "makes a pause that %s cannot end without a crash, so that only a new service helps",
    async (verb) => {
      await proxy.control("pause", "shop-web", "--max-pause=100ms");
      await proxy.restart();
      await expect(proxy.control(verb, "shop-web")).rejects.toThrow(/EOF/);
      await Deadline.in(5).until(
        async () => (proxy.alive ? undefined : true),
        () => new Error("it did not crash: KamalProxy need not avoid this any more"),
      );
      await proxy.restart();
      expect((await proxy.get()).status).toBe(504);
      await proxy.control("remove", "shop-web");
      await proxy.deploy([a], PLAIN);
      expect((await proxy.get()).status).toBe(200);
    },
  );
});
