import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { ConnectionLost, type Host } from "../../../hosts/index.ts";
import { SHARES } from "../../../hosts/ssh/channels.ts";
import { OneHost } from "../../../lab/one-host.ts";
import type { ReachOptions } from "../../../lab/reach.ts";
import { childOn, printed } from "./child.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");

const reach = (options?: ReachOptions): Host => mine.reach(options);

describe("the lease", () => {
  it("has one holder at a time, and a waiter is notified of the holder", async () => {
    const first = await reach().lease("ci@build-7", { deadline: Deadline.in(5) });
    const holders: string[] = [];
    const second = reach({ user: "root" }).lease("ann@laptop", {
      deadline: Deadline.in(20),
      waiting: (holder) => holders.push(holder),
    });
    await sleep(1_500);
    expect(holders).toEqual([expect.stringMatching(/^ci@build-7 since \d\d:\d\d:\d\d \(\d s\)$/)]);
    await first.release();
    const lease = await second;
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    expect(first.lost.aborted).toBe(false);
    expect((await mine.there.must("pgrep -fa [s]lipway-lease || true")).trim()).toBe("");
  });

  it("queues the callers of one process, and gives up in time", async () => {
    const host = reach();
    const first = await host.lease("ci", { deadline: Deadline.in(5) });
    const story = await refusal(host.lease("ci", { deadline: Deadline.in(0.3) }));
    expect(story.evidence).toEqual(["held by ci, in this run"]);
    const other = await refusal(reach().lease("other", { deadline: Deadline.in(1.5) }));
    expect(other.evidence?.[0]).toMatch(/^held by ci since/);
    await first.release();
    await (await host.lease("ci", { deadline: Deadline.in(5) })).release();
  });

  it("never executes the name of its owner", async () => {
    const owner = `x'; touch /tmp/pwned; "$(touch /tmp/pwned)\n\u001b[31m`;
    const first = await reach().lease(owner, { deadline: Deadline.in(5) });
    const holders: string[] = [];
    await refusal(reach().lease("b", { deadline: Deadline.in(1.5), waiting: (holder) => holders.push(holder) }));
    expect(holders[0]).toContain(`x'; touch /tmp/pwned; "$(touch /tmp/pwned)`);
    await first.release();
    expect((await mine.there.sh("test -e /tmp/pwned")).code).toBe(1);
  });

  it("is freed at once when its holder is killed", async () => {
    const child = childOn(mine, {}, 'await host.lease("doomed", { deadline: Deadline.in(5) }); console.log("held");');
    await printed(child, "held");
    const next = reach();
    await next.connect();
    const waiting = next.lease("next", { deadline: Deadline.in(10) });
    await sleep(500);
    const began = performance.now();
    child.kill("SIGKILL");
    await (await waiting).release();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("is lost to its holder before it is free for others when the network fails, and free within 30 s", async () => {
    const relay = await mine.there.relay();
    const lease = await reach({ address: relay.address, port: relay.port }).lease("frozen", { deadline: Deadline.in(5) });
    await sleep(6_000);
    expect(lease.lost.aborted).toBe(false);
    const waiting = reach().lease("next", { deadline: Deadline.in(40) });
    const began = performance.now();
    relay.freeze();
    let lostAt = Number.POSITIVE_INFINITY;
    lease.lost.addEventListener("abort", () => {
      lostAt = performance.now();
    });
    const next = await waiting;
    const freeAt = performance.now();
    expect(freeAt - began).toBeLessThan(30_000);
    expect(lostAt).toBeLessThan(freeAt);
    expect(lease.lost.reason).toBeInstanceOf(ConnectionLost);
    await next.release();
    await lease.release();
    await relay.close();
  });

  it("is lost with the connection", async () => {
    const relay = await mine.there.relay();
    const host = reach({ address: relay.address, port: relay.port });
    const lease = await host.lease("cut", { deadline: Deadline.in(5) });
    relay.cut();
    await once(lease.lost, "abort");
    expect(lease.lost.reason).toBeInstanceOf(ConnectionLost);
    await lease.release();
    await (await host.lease("again", { deadline: Deadline.in(5) })).release();
    await relay.close();
  });

  it("lets no change reach the host after its loss, not even one that waits for a channel, until it is released", async () => {
    const relay = await mine.there.relay();
    const host = reach({ address: relay.address, port: relay.port });
    const lease = await host.lease("cut", { deadline: Deadline.in(5) });
    await host.docker.version();
    const names = Array.from({ length: 40 }, (_, at) => `hosts-lease-${at}`);
    const changes = names.map((name) => host.docker.ensureVolume(name, {}));
    const runs = [1, 2, 3].map((at) =>
      host.change("touch", () => host.run(["sh", "-c", `sleep 1; touch /tmp/hosts-lease-${at}`])),
    );
    const settled = Promise.allSettled([...changes, ...runs]);
    await changes[0];
    relay.cut();
    const lost = (await settled).filter((result) => result.status === "rejected");
    expect(lost.length).toBeGreaterThan(30);
    for (const { reason } of lost) expect(reason).toBeInstanceOf(ConnectionLost);
    await expect(host.docker.removeVolume("hosts-lease-0")).rejects.toBeInstanceOf(ConnectionLost);
    await expect(host.change("touch", () => host.run(["true"]))).rejects.toBeInstanceOf(ConnectionLost);
    expect(relay.connections).toBe(1);
    // Whatever had not left before the cut has not been done, and is not done later. As many as may be on their way at once had left.
    const made = Number(await mine.there.must("docker volume ls -q | grep -c ^hosts-lease-"));
    expect(made).toBeLessThanOrEqual(names.length + runs.length - lost.length + SHARES.request);
    expect((await mine.there.sh("test -e /tmp/hosts-lease-3")).code).toBe(1);
    await lease.release();
    await host.docker.removeVolume("hosts-lease-0");
    expect(relay.connections).toBe(2);
    await mine.there.must("docker volume ls -q | grep ^hosts-lease- | xargs -r docker volume rm");
    await relay.close();
  });

  it("takes the connection down with it when only its process on the host ends", async () => {
    const relay = await mine.there.relay();
    const host = reach({ address: relay.address, port: relay.port });
    const lease = await host.lease("ended", { deadline: Deadline.in(5) });
    const ended = once(lease.lost, "abort");
    await mine.there.must("pkill -f [s]lipway-lease");
    await ended;
    await expect(host.docker.ensureVolume("hosts-ended", {})).rejects.toBeInstanceOf(ConnectionLost);
    expect(relay.connections).toBe(1);
    await lease.release();
    expect((await host.run(["true"])).code).toBe(0);
    await relay.close();
  });
});
