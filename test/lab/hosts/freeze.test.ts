import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import type { Host, TraceEvent } from "../../../hosts/index.ts";
import { OneHost } from "../../../lab/one-host.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");

const root = (): Host => mine.reach({ user: "root" });
const SHOP = { app: "shop-production" };
const BY = { by: "ann@laptop (shop/production)", why: "the billing data\nmoves" };
const within = (seconds = 5) => ({ deadline: Deadline.in(seconds) });

const clean = () => mine.there.must("rm -rf /run/lock/slipway /var/lib/slipway; chmod 1777 /run/lock");
beforeEach(clean);
// The next test file on this host must not be frozen.
afterEach(clean);

describe("a freeze", () => {
  it("refuses the lease of its app and of the machine, for every user, until it is ended; other apps go on", async () => {
    expect(await root().freeze({ ...SHOP, ...BY, seconds: 3600 })).toBe("kept");
    // As after a reboot.
    await mine.there.must("rm -rf /run/lock/slipway");
    for (const user of [{ user: "root" }, undefined]) {
      const story = await refusal(mine.reach(user).lease("ci", { ...within(), scope: SHOP }));
      expect(story.code).toBe("FROZEN");
      expect(story.evidence?.[0]).toMatch(
        /^frozen by ann@laptop \(shop\/production\) since \S+ \S+, for (1 h|59 min) more, until \S+ \S+$/,
      );
      expect(story.evidence?.[1]).toBe("because: the billing data moves");
    }
    expect((await refusal(root().tryLease("ci", within()))).code).toBe("FROZEN");
    await (await root().lease("ci", { ...within(), scope: { app: "blog" } })).release();
    expect(await mine.reach().freezes()).toEqual([
      expect.objectContaining({ app: "shop-production", why: "the billing data moves" }),
    ]);
    await mine.reach().thaw("shop-production");
    expect(await root().freezes()).toEqual([]);
    await (await root().lease("ci", within())).release();
  });

  it("ends by itself, by the host's clock", async () => {
    await root().freeze({ ...SHOP, ...BY, seconds: 3600 });
    const [now, end] = (await mine.there.must("date +%s; head -n 1 /var/lib/slipway/freeze-shop-production"))
      .split(/\s/)
      .map(Number);
    expect((end ?? 0) - (now ?? 0)).toBeGreaterThan(3590);
    await mine.there.must(`sed -i "1s/.*/$(($(date +%s) - 1)) 1/" /var/lib/slipway/freeze-shop-production`);
    expect(await root().freezes()).toEqual([]);
    await (await root().lease("ci", within())).release();
  });

  it("stops a run that was waiting for the lease while it was set", async () => {
    const lock = await root().lease("ann", within());
    let waits = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const waiting = refusal(root().lease("ci", { ...within(20), scope: SHOP, waiting: () => waits() }));
    await isWaiting;
    await mine.reach({ user: "root" }).freeze({ ...SHOP, ...BY, seconds: 60 });
    await lock.release();
    expect((await waiting).code).toBe("FROZEN");
  });

  it("lasts until a reboot where a user may write to nothing that outlives one", async () => {
    expect((await refusal(mine.reach().freeze({ ...SHOP, ...BY, seconds: 60 }))).next).toContain("install -d -m 2770 -g docker");
    const lease = await mine.reach().lease("deploy", within());
    expect(await mine.reach().freeze({ ...SHOP, ...BY, seconds: 60 })).toBe("until reboot");
    await lease.release();
    expect((await refusal(root().lease("ci", within()))).code).toBe("FROZEN");
  });
});

describe("the journal", () => {
  const ENTRY = { who: "ci@build-7 (shop/production)", what: "slipway deploy: release 2-ab of shop" };
  const change = (host: Host) => host.change("touch", () => host.run(["true"]));
  const lines = async () => (await root().journal(10)).map(({ who, what, result }) => ({ who, what, result }));

  it("gets one line for each lease under which something was changed, and what was decided despite a freeze", async () => {
    const host = root();
    const quiet = await host.lease("ci", { ...within(), entry: ENTRY });
    await quiet.release("done");
    const lease = await host.lease("ci", { ...within(), entry: ENTRY });
    await change(host);
    await lease.release("done");
    await host.freeze({ ...SHOP, ...BY, seconds: 60 });
    const other = mine.reach();
    const despite = await other.lease("ci", { ...within(), freeze: "pass", entry: ENTRY });
    await change(other);
    await despite.release("failed");
    await host.note(ENTRY, "ran\ta\tcommand");
    expect(await lines()).toEqual([
      { ...ENTRY, result: "done" },
      { ...ENTRY, result: `failed (despite the freeze by ${BY.by})` },
      { ...ENTRY, result: "ran a command" },
    ]);
    expect((await mine.there.must("stat -c '%a %U:%G' /var/lib/slipway /var/lib/slipway/journal")).trim()).toBe(
      "2770 root:docker\n660 root:docker",
    );
  });

  it("and the look for freezes take no round trip of their own: a lease opens one channel, as without them", async () => {
    const events: TraceEvent[] = [];
    const host = mine.reach({ user: "root", events });
    await mine.reach({ user: "root" }).freeze({ app: "blog", ...BY, seconds: 60 });
    const lease = await host.lease("ci", { ...within(), scope: SHOP, entry: ENTRY });
    await change(host);
    await lease.release("done");
    expect(events.filter(({ kind }) => kind === "channel").map(({ what }) => what)).toEqual(["lease", "run true"]);
    expect(await lines()).toEqual([{ ...ENTRY, result: "done" }]);
  });

  it("says of a run that was killed that it has no result", async () => {
    const relay = await mine.there.relay();
    const host = mine.reach({ user: "root", address: relay.address, port: relay.port });
    const lease = await host.lease("ci", { ...within(), entry: ENTRY });
    await change(host);
    relay.cut();
    await new Promise((resolve) => lease.lost.addEventListener("abort", resolve));
    await lease.release("done");
    const [line] = await Deadline.in(10).until(
      async () => {
        const found = await lines();
        return found.length > 0 ? found : undefined;
      },
      () => new Error("the journal stays empty"),
    );
    expect(line).toEqual({ ...ENTRY, result: "ended without a result: killed, or the connection was lost" });
    await relay.close();
  });

  it("is bounded", async () => {
    await root().note(ENTRY, "first");
    await mine.there.must("yes 2020-01-01T00:00:00Z | head -n 15000 >>/var/lib/slipway/journal");
    await root().note(ENTRY, "second");
    await root().note(ENTRY, "third");
    expect((await lines()).map(({ result }) => result)).toEqual(["first", "second", "third"]);
    expect((await mine.there.must("wc -l </var/lib/slipway/journal")).trim()).toBe("2");
  });
});
