import { beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import type { Host, LeaseScope } from "../../../hosts/index.ts";
import { OneHost } from "../../../lab/one-host.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");

const root = (): Host => mine.reach({ user: "root" });
const [SHOP, BLOG] = [{ app: "shop-production" }, { app: "blog" }] as const;
const asking = (scope: LeaseScope, seconds = 5) => ({ scope, deadline: Deadline.in(seconds) });
/** Who is said to hold it. */
const refused = async (host: Host, scope: LeaseScope): Promise<string> =>
  (await refusal(host.lease("late", asking(scope, 1)))).evidence?.[0]?.replace(/ since \S+ \(\d+ s\)/g, "") ?? "";

beforeEach(async () => {
  await mine.there.sh("pkill -f '[s]lipway-lease old@laptop'");
  await mine.there.must("rm -rf /run/lock/slipway; chmod 1777 /run/lock");
});

describe("the lease of an app", () => {
  it("is held beside that of another app, and keeps out who wants the same app or the machine", async () => {
    const shop = await root().lease("ann (shop)", asking(SHOP));
    const blog = await root().lease("bob (blog)", asking(BLOG));
    expect(await refused(root(), SHOP)).toBe("held by ann (shop)");
    expect(await refused(root(), "machine")).toBe("held by bob (blog), ann (shop)");
    expect((await root().holders()).map(({ owner }) => owner).sort()).toEqual(["ann (shop)", "bob (blog)"]);
    await shop.release();
    await (await root().lease("eve", asking(SHOP))).release();
    expect(await refused(root(), "machine")).toBe("held by bob (blog)");
    await blog.release();
    const machine = await root().lease("root", asking("machine"));
    expect(await refused(mine.reach(), BLOG)).toBe("held by root");
    await machine.release();
    expect(await root().holders()).toEqual([]);
  });

  it("does not overtake who waits for the whole machine", async () => {
    const shop = await root().lease("ann", asking(SHOP));
    const order: string[] = [];
    let waits = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const machine = root().lease("upgrade", { ...asking("machine", 20), waiting: waits });
    await isWaiting;
    const blog = root().lease("bob", asking(BLOG, 20));
    const next = async (name: string, lease: typeof machine) => {
      const held = await lease;
      order.push(name);
      await held.release();
    };
    const both = Promise.all([next("machine", machine), next("blog", blog)]);
    expect(
      await Promise.race([
        both,
        Deadline.in(1)
          .race(both, () => new Error("both wait"))
          .catch(String),
      ]),
    ).toMatch("both wait");
    await shop.release();
    await both;
    expect(order).toEqual(["machine", "blog"]);
  });

  it("and an earlier version, which holds the common file alone, exclude each other", async () => {
    const shop = await root().lease("ann", asking(SHOP));
    expect((await mine.there.sh("flock -n /etc/os-release true")).code).toBe(1);
    await shop.release();
    await mine.there.must(
      `setsid flock -w 5 /etc/os-release sh -c 'echo held; while timeout 20 sh -c "sleep 1"; do echo alive; done' slipway-lease old@laptop >/dev/null 2>&1 </dev/null & sleep 0.3`,
    );
    expect(await refused(root(), SHOP)).toBe("held by old@laptop");
    await mine.there.must("pkill -f '[s]lipway-lease old@laptop'");
  });

  it("is that of the whole machine for a user who may not create its file", async () => {
    await (await root().lease("root", asking("machine"))).release();
    const shop = await mine.reach().lease("deploy", asking(SHOP));
    expect(await refused(root(), BLOG)).toBe("held by deploy");
    await shop.release();
    // It may open what root has created.
    await (await root().lease("root", asking(SHOP))).release();
    const again = await mine.reach().lease("deploy", asking(SHOP));
    await (await root().lease("root", asking(BLOG))).release();
    await again.release();
  });
});
