import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import { LabStack } from "../../lab/stack.ts";
import { expectNothingSeen } from "../support/look.ts";
import { family, gone, interrupt, killHard } from "./support/processes.ts";
import { type Change, Shop, throughRelays } from "./support/shop.ts";
import { refusalOf, STACK_TRACE } from "./support/story.ts";

/** A candidate that boots this long leaves time to do something to it. */
const BOOT_MS = 2000;
/** Boot, switch, drain and stop of a release whose engine is already dead. */
const TO_THE_END = 20;
/** For a candidate that waits for another run to begin. */
const PATIENCE = 60;
const slowBoot = (version: string): Change => ({ env: { VERSION: version, BOOT_DELAY_MS: String(BOOT_MS) } });

describe("a run that is interrupted", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open(2, { deploy_timeout: 15, drain_timeout: 5 });
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  const start = async (change: Change) => {
    await shop.declare(change);
    return shop.stack.launch(["up", "--yes", "--skip-preview"]);
  };

  it("connects again and finishes when SSH is cut while the candidate boots", async () => {
    const { result, failed, answers } = await shop.watch(async () => {
      const run = await start(slowBoot("cut"));
      await shop.runs(2);
      shop.relay.cut();
      return run.done;
    });

    expect(result.code, result.output).toBe(0);
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["v1", "cut"] });
    expect(result.output).toMatch(new RegExp(`${shop.host.name}: the connection was lost: .*; reconnecting`));
    expect(await shop.running()).toEqual([1, 1]);
    await shop.expectNothingToDo();
  });

  it("takes the candidate back after Ctrl-C while it boots, and the next run goes on", async () => {
    const change = slowBoot("ctrl-c");
    const { result, failed, answers } = await shop.watch(async () => {
      const run = await start(change);
      await shop.runs(2);
      const members = await family(run);
      await interrupt(run);
      const outcome = await run.done;
      await gone(members, 5);
      return outcome;
    });

    expect({ failed, answers }).toEqual({ failed: 0, answers: ["cut"] });
    expect(result.code).not.toBe(0);
    expect(result.output).not.toMatch(STACK_TRACE);
    expect(await shop.leaseIsFree()).toBe(true);
    expect(await shop.running()).toEqual([1, 1]);
    await shop.expectConverges("ctrl-c", change);
  });

  it("leaves no process, no lease and one container after kill -9 of the CLI while the candidate boots", async () => {
    const change = slowBoot("killed-at-boot");
    const { failed } = await shop.watch(async () => {
      const run = await start(change);
      await shop.runs(2);
      const members = await family(run);
      run.process.kill("SIGKILL");
      await gone(members, TO_THE_END);
    });

    expect(failed).toBe(0);
    expect(await shop.leaseIsFree()).toBe(true);
    await unlock();
    await shop.expectConverges("killed-at-boot", change);
  });

  it("leaves no process, no lease and one container after kill -9 of the CLI while the old one drains", {
    tags: "long",
  }, async () => {
    const change = slowBoot("killed-at-switch");
    const { result: inFlight, failed } = await shop.watch(async () => {
      const run = await start(change);
      await shop.runs(2);
      const request = shop.ask(shop.host.address, "/slow?ms=5000");
      await switched("killed-at-switch");
      const members = await family(run);
      run.process.kill("SIGKILL");
      await gone(members, TO_THE_END);
      return request;
    });

    expect(failed).toBe(0);
    expect(inFlight, "answered by the version that took it").toContain("killed-at-boot");
    expect(await shop.leaseIsFree()).toBe(true);
    await unlock();
    await shop.expectConverges("killed-at-switch", change);
  });

  it("leaves no lease and nothing in the way after kill -9 of all its processes while the candidate boots", {
    tags: "long",
  }, async () => {
    const change = slowBoot("all-killed");
    const { failed, answers } = await shop.watch(async () => {
      const run = await start(change);
      await shop.runs(2);
      const members = await family(run);
      killHard(members);
      await gone(members, 5);
      // 20 s after the last heartbeat, by a host that is busy with other tests.
      await Deadline.in(45).until(
        async () => (await shop.leaseIsFree()) || undefined,
        () => new Error("the lease was not free within 45 s"),
      );
    });

    expect({ failed, answers }).toEqual({ failed: 0, answers: ["killed-at-switch"] });
    await unlock();
    await shop.expectConverges("all-killed", change);
  });

  it("waits for another stack that changes the same host, and says who runs it", async () => {
    await using blog = await LabStack.create(shop.lab, {
      service: "blog",
      image: `${shop.lab.registry.server}/shop:v1`,
      servers: { web: { hosts: throughRelays(shop.hosts, shop.relays) } },
      proxy: { app_port: 3000, host: "blog.example" },
    });
    const { result, failed } = await shop.watch(async () => {
      const first = await start({ ...slowBoot("first"), values: { deploy_timeout: PATIENCE } });
      await shop.runs(2);
      // Its candidate boots until the other run has been seen waiting, however long that one takes to begin.
      const boots = shop.host.must("docker pause $(docker ps --latest --quiet --filter label=service=shop)");
      const second = blog.launch(["up", "--yes", "--skip-preview"]);
      await boots;
      await second.saw("waiting for ");
      await shop.host.must("docker unpause $(docker ps --quiet --filter status=paused)");
      return Promise.all([first.done, second.done]);
    });

    const [first, second] = result;
    expect(first.code, first.output).toBe(0);
    expect(second.code, second.output).toBe(0);
    expect(second.output).toMatch(
      /waiting for \S+ \(.* s\), which another run is changing: \S+@\S+ \(slipway\/\S+\) releasing shop-\S+ since \d\d:\d\d:\d\d \(\d+ s\); this one goes on when that ends/,
    );
    expect(failed).toBe(0);
    await shop.expectNothingToDo();
    await expectNothingSeen(shop.lab, blog);
  });

  it("fails within its deadline when the network vanishes while the candidate boots, and frees the lease", {
    tags: "long",
  }, async () => {
    const change: Change = { env: { VERSION: "frozen", BOOT_DELAY_MS: "8000" } };
    const { result, failed, answers } = await shop.watch(async () => {
      const run = await start(change);
      await shop.runs(2);
      shop.relay.freeze();
      const frozen = performance.now();
      // 20 s after the last heartbeat, by a host that is busy with other tests.
      await Deadline.in(45).until(
        async () => (await shop.leaseIsFree()) || undefined,
        () => new Error("the lease was not free within 45 s"),
      );
      const outcome = await run.done;
      return { outcome, seconds: (performance.now() - frozen) / 1000 };
    });
    shop.relay.thaw();

    const { what, servesNow } = refusalOf(result.outcome);
    expect(what).toContain(shop.host.name);
    expect(servesNow).toContain(`${shop.host.name} cannot be asked`);
    // The heartbeat of the lease is missed after 15 s; then it is tried for 30 s, and the last dial and the last look take 10 s each.
    expect(result.seconds).toBeLessThan(75);
    expect({ failed, answers }).toEqual({ failed: 0, answers: ["first"] });
    await shop.expectConverges("frozen", change);
    await shop.expectPreviewedAsUnchanged();
  });

  /** A killed CLI leaves Pulumi's own lock on the stack. */
  const unlock = async () => {
    const { code, output } = await shop.stack.launch(["cancel", "--yes"]).done;
    expect(code, output).toBe(0);
  };

  const switched = (version: string) =>
    Deadline.in(30).until(
      async () => ((await shop.serves()).every((served) => served === version) ? true : undefined),
      () => new Error(`${version} never served`),
    );
});
