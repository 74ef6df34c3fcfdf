import { describe, expect, it } from "vitest";
import type { Operation } from "../../../providers/release/operation.ts";
import { type Intentions, type Mutation, type Undone, uncovered } from "../../faults/matrix/cover.ts";

const START: Undone = { do: "start", host: "web-1", role: "web", container: "shop-web-2", release: "2" };
const SWITCH: Undone = {
  do: "switch",
  host: "web-1",
  role: "web",
  route: "shop-web",
  to: ["shop-web-2"],
  from: ["shop-web-1"],
  because: "release",
};
const STOP: Operation = { do: "stop", host: "web-1", container: "shop-web-1", id: "1", grace: 10 };

const on = (host: string, ...calls: string[]): Mutation[] => calls.map((call) => ({ host, call }));
const planned = (operations: readonly Operation[], undone: readonly Undone[] = []): Intentions => ({
  hosts: new Set(["web-1"]),
  planned: operations,
  undone,
});

describe("the mutations of a run", () => {
  it("are covered by the operations of its plan, on their host, as often as planned", () => {
    const calls = ["pull", "create container", "start container", "kamal-proxy deploy shop-web", "stop container"];
    expect(uncovered(on("web-1", ...calls), planned([START, SWITCH, STOP]))).toEqual([]);
    expect(uncovered(on("web-1", "stop container", "stop container"), planned([STOP]))).toEqual([
      "web-1: stop container: 2 times, planned 1",
    ]);
    expect(uncovered(on("web-2", "stop container"), planned([STOP]))).toEqual(["web-2: stop container: 1 times, planned 0"]);
    expect(uncovered(on("web-2", "pull"), planned([START]))).toEqual(["web-2: pull: 1 times, planned 0"]);
  });

  it("include what a revert undoes, if the plan did it", () => {
    const undo = on("web-1", "kamal-proxy deploy shop-web", "remove container");
    const made = on("web-1", "kamal-proxy deploy shop-web");
    expect(uncovered([...made, ...undo], planned([START, SWITCH], [START, SWITCH]))).toEqual([]);
    expect(uncovered(undo, planned([], [START, SWITCH]))).toHaveLength(2);
    expect(uncovered([...made, ...undo], planned([START, SWITCH]))).toHaveLength(2);
  });

  it("include the removal of a candidate that the plan adopted", () => {
    expect(uncovered(on("web-1", "remove container"), planned([SWITCH], [START]))).toEqual([]);
  });
});
