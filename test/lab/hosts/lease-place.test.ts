import { beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { acquireAll, type Host, Hosts } from "../../../hosts/index.ts";
import { OneHost } from "../../../lab/one-host.ts";
import type { ReachOptions } from "../../../lab/reach.ts";
import { Claims } from "../../../providers/pulumi/claims.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");

const reach = (options?: ReachOptions): Host => mine.reach(options);
const seconds = (count: number) => ({ deadline: Deadline.in(count) });

/** Runs in the background until the test ends it. */
const asStranger = (script: string) =>
  mine.there.must(`su nodocker -c '${script}' >/tmp/stranger.log 2>&1 & sleep 0.3; cat /tmp/stranger.log`);

const bothWays = async (first: Host, second: Host) => {
  const lease = await first.lease("first", seconds(5));
  expect((await refusal(second.lease("second", seconds(1)))).evidence?.[0]).toMatch(/^held by first since/);
  await lease.release();
  const other = await second.lease("second", seconds(5));
  expect((await refusal(first.lease("first", seconds(1)))).evidence?.[0]).toMatch(/^held by second since/);
  await other.release();
};

beforeEach(async () => {
  await mine.there.must("pkill -u nodocker; rm -rf /run/lock/slipway; chmod 1777 /run/lock; true");
});

describe("the place of the lease", () => {
  it("is one for root and a user of the group docker, in either order", async () => {
    await bothWays(reach({ user: "root" }), reach());
    expect((await mine.there.must("stat -c '%a %U:%G' /run/lock/slipway /run/lock/slipway/machine")).trim()).toBe(
      "750 root:docker\n660 root:docker",
    );
    await mine.there.must("rm -rf /run/lock/slipway");
    await bothWays(reach(), reach({ user: "root" }));
    expect((await mine.there.must("stat -c '%a %U:%G' /run/lock/slipway /run/lock/slipway/machine")).trim()).toBe(
      "750 deploy:docker\n660 deploy:docker",
    );
  });

  it("cannot be held by any other local user", async () => {
    await (await reach().lease("ci", seconds(5))).release();
    expect(await asStranger("flock /run/lock/slipway/machine sleep 30; rm -rf /run/lock/slipway")).toMatch(/ermission denied/);
    await asStranger("flock /etc/os-release sleep 30");
    const warnings: string[] = [];
    const began = performance.now();
    const lease = await reach().lease("ci", { ...seconds(20), warn: (text) => warnings.push(text) });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(warnings).toEqual(["/etc/os-release is locked by a process that is not a run; not waited for"]);
    await lease.release();
  });

  it("does not show the name that another local user makes up", async () => {
    await asStranger('sh -c "sleep 30; true" slipway-lease "ceo@acme: call +1 555"');
    expect(await reach().holders()).toEqual([]);
    const lease = await reach().lease("ci", seconds(5));
    expect((await reach({ user: "root" }).holders())[0]?.owner).toBe("ci");
    await lease.release();
  });

  it("is the common file, with a warning, where it cannot be created", async () => {
    await asStranger("mkdir /run/lock/slipway; chmod 777 /run/lock/slipway");
    const warnings: string[] = [];
    const lease = await reach().lease("fallback", { ...seconds(5), warn: (text) => warnings.push(text) });
    expect(warnings).toEqual([expect.stringMatching(/^any local user can hold the lease.*as root: rm -rf \/run\/lock\/slipway/)]);
    expect((await refusal(reach().lease("other", seconds(1)))).evidence?.[0]).toMatch(/^held by fallback since/);
    expect((await refusal(reach({ user: "root" }).lease("root", seconds(1)))).evidence?.[0]).toMatch(/^held by fallback since/);
    await lease.release();
    // Root has made the place good.
    const none: string[] = [];
    await (await reach().lease("ci", { ...seconds(5), warn: (text) => none.push(text) })).release();
    expect(none).toEqual([]);
  });

  it("excludes an earlier version, which holds the common file alone", async () => {
    await mine.there.must(
      `setsid flock -w 5 /etc/os-release sh -c 'echo held; while timeout 20 sh -c "sleep 1"; do echo alive; done' slipway-lease old@laptop >/dev/null 2>&1 </dev/null & sleep 0.3`,
    );
    const story = await refusal(reach().lease("ci", seconds(1)));
    expect(story.evidence?.[0]).toMatch(/^held by old@laptop since/);
    await mine.there.must("pkill -f '[s]lipway-lease old@laptop'; flock -w 5 /etc/os-release true");
    const lease = await reach().lease("ci", seconds(5));
    expect((await mine.there.sh("flock -n /etc/os-release true")).code).toBe(1);
    await lease.release();
  });

  it("stays one when its file or the common file is replaced meanwhile", async () => {
    const lease = await reach().lease("first", seconds(5));
    const waiting = reach().lease("second", seconds(20));
    await mine.there.must("cp -p /etc/os-release /etc/os-release.new && mv /etc/os-release.new /etc/os-release");
    expect((await refusal(reach().lease("third", seconds(1)))).evidence?.[0]).toMatch(/^held by first since/);
    await mine.there.must("rm /run/lock/slipway/machine");
    await lease.release();
    const second = await waiting;
    expect((await refusal(reach().lease("third", seconds(1)))).evidence?.[0]).toMatch(/^held by second since/);
    await second.release();
  });

  it("says since when it is held, not since when it was waited for", async () => {
    const lease = await reach().lease("first", seconds(5));
    const story = await refusal(reach().lease("second", seconds(3)));
    expect(story.evidence?.[0]).toMatch(/^held by first since \d\d:\d\d:\d\d \([3-9] s\)$/);
    await lease.release();
  });
});

describe("a machine without an id, such as one of Alpine", () => {
  const ID = "/etc/machine-id";

  it("keeps what a run declares there by another address", async () => {
    await mine.there.must(`mv ${ID} ${ID}.away`);
    const relay = await mine.there.relay();
    const hosts = new Hosts(mine.operator.access());
    try {
      const here = { ...mine.operator.addressOf(mine.there), user: "root", name: "here" };
      const there = { ...here, name: "there", address: relay.address, port: relay.port };
      const claims = new Claims();
      claims.check("urn");
      claims.keep("urn", [{ host: here, thing: "container db" }]);
      const wanted = [{ host: there, thing: "container db" }];
      expect(await claims.declared(wanted, hosts)).toEqual(wanted);
    } finally {
      await hosts.close();
      await relay.close();
      await mine.there.must(`mv ${ID}.away ${ID}`);
    }
  });
});

describe("the leases of several hosts", () => {
  const options = (waits: string[] = []) => ({
    deadline: () => Deadline.in(10),
    waiting: (host: string, holder: string) => void waits.push(`${host}: ${holder}`),
    warn: () => {},
  });

  it("are one for a machine with two names, which loses both at once", async () => {
    const relay = await mine.there.relay();
    const [first, second] = [reach({ name: "a", address: relay.address, port: relay.port }), reach({ name: "b", user: "root" })];
    expect(await first.machine()).toBe(await second.machine());
    const lease = await acquireAll([second, first], "ci", options());
    await second.change("touch", () => second.run(["true"]));
    relay.cut();
    await new Promise((resolve) => lease.lost.addEventListener("abort", resolve));
    expect(() => second.requireLease()).toThrow("lease of its machine was lost");
    await lease.release();
    expect((await second.run(["true"])).code).toBe(0);
    await (await acquireAll([first, second], "ci", options())).release();
    await relay.close();
  });

  it("are waited for with the holder's name, and released when one of them is not free in time", async () => {
    const held = await reach().lease("ann@laptop", seconds(5));
    const waits: string[] = [];
    const story = await refusal(
      acquireAll([reach({ name: "web" })], "ci", { ...options(waits), deadline: () => Deadline.in(1.5) }),
    );
    expect(story.evidence?.[0]).toMatch(/^held by ann@laptop since/);
    expect(waits).toEqual([expect.stringMatching(/^web: ann@laptop since/)]);
    await held.release();
  });
});
