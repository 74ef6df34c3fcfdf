import { afterEach, beforeAll, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { acquireAll } from "../../../hosts/index.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { hostsOf, LANE } from "../../../lab/lane.ts";
import { Operator } from "../../../lab/reach.ts";

const names = hostsOf(LANE).split(",").slice(0, 2);
let lab: Lab;
let operator: Operator;
beforeAll(async () => {
  lab = await startLab({ hosts: names });
  operator = new Operator(lab);
});
afterEach(() => operator.close());

it("are taken in one order by two stacks that name the same machines in opposite orders", async () => {
  const [a, b] = names.map((name) => lab.host(name));
  if (a === undefined || b === undefined) throw new Error("two hosts are needed");
  const acquired: string[] = [];
  /** Both begin to wait while a third run holds one of the machines. */
  const gate = await operator.reach(b).lease("third", { deadline: Deadline.in(5) });
  const stack = async (owner: string, first: typeof a, second: typeof a) => {
    const hosts = [operator.reach(first, { name: "one" }), operator.reach(second, { name: "two" })];
    const lease = await acquireAll(hosts, owner, { deadline: () => Deadline.in(30), waiting: () => {}, warn: () => {} });
    acquired.push(owner);
    await lease.release();
  };
  const both = Promise.all([stack("x", a, b), stack("y", b, a)]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(acquired).toEqual([]);
  await gate.release();
  const began = performance.now();
  await both;
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(acquired.sort()).toEqual(["x", "y"]);
});

it("are taken side by side where they are free: a machine that is slow to answer does not hold up the others", async () => {
  const [a, b] = names.map((name) => lab.host(name));
  if (a === undefined || b === undefined) throw new Error("two hosts are needed");
  const machines = await Promise.all([a, b].map(async (host) => ({ host, id: await operator.reach(host).machine() })));
  // The first in the order in which a run would wait.
  const [slow, quick] = machines.sort((one, other) => (one.id < other.id ? -1 : 1)).map(({ host }) => host);
  if (slow === undefined || quick === undefined) throw new Error("two hosts are needed");
  const relay = await slow.relay();
  const hosts = [
    operator.reach(slow, { name: "slow", address: relay.address, port: relay.port }),
    operator.reach(quick, { name: "quick" }),
  ];
  await Promise.all(hosts.map((host) => host.machine()));
  relay.freeze();
  const all = acquireAll(hosts, "side-by-side", { deadline: () => Deadline.in(10), waiting: () => {}, warn: () => {} });
  const observer = operator.reach(quick, { name: "observer" });
  await Deadline.in(8).until(
    async () => (await observer.holders()).find(({ owner }) => owner === "side-by-side"),
    () => new Error("the free lease was not taken while the other machine was silent"),
  );
  relay.thaw();
  await (await all).release();
  await relay.close();
});
