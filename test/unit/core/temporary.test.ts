import { expect, it } from "vitest";
import { commandOf, detachedLabels, isLeft, temporaryLabels } from "../../../core/temporary.ts";

const labels = temporaryLabels("slipway backup drill", "shop/production", 600);
const detached = detachedLabels("slipway exec", "shop/production", 3600);
const at = (state: string, age: number, of: Readonly<Record<string, string>> = labels) =>
  isLeft({ labels: of, state, created: 1_000_000 }, 1_000_000 + age);

it("names the command that a container serves", () => {
  expect(commandOf(labels)).toBe("slipway backup drill");
  expect(commandOf({ "slipway.exec": "shop-web-v1" })).toBe("slipway exec");
  expect(commandOf({ service: "shop" })).toBeUndefined();
});

it.each([
  ["running within its limit", "running", 599, labels, false],
  ["running beyond it", "running", 601, labels, true],
  ["ended a moment ago", "exited", 60, labels, false],
  ["ended and not removed", "exited", 130, labels, true],
  ["created and never started", "created", 130, labels, true],
  ["of a version before, for an hour", "running", 3600, { "slipway.exec": "shop-web-v1" }, false],
  ["of a version before, for two days", "running", 172_800, { "slipway.exec": "shop-web-v1" }, true],
  ["detached, for less than its time", "running", 3599, detached, false],
  ["detached, for more than its time", "running", 3601, detached, true],
  ["detached and ended, whose output can still be read", "exited", 3599, detached, false],
  ["detached and ended long ago", "exited", 3601, detached, true],
  ["of the app", "running", 172_800, { service: "shop" }, false],
])("of a container %s", (_case, state, age, of, left) => {
  expect(at(state, age, of)).toBe(left);
});
