import { expect, it } from "vitest";
import { killedAfter } from "../../../../providers/container/stop.ts";

const STOPPING = { name: "shop-web-1.4.1-77aa01ef", grace: 10, key: "slipway:servers.web.stop_timeout" };
const ended = (exitCode: number, took: number, changes: { oomKilled?: boolean; grace?: number } = {}) =>
  killedAfter({ exitCode, oomKilled: changes.oomKilled ?? false }, took, { ...STOPPING, grace: changes.grace ?? 10 }, "web-1");

it("warns of a container that was killed at the end of its time, and names the key", () => {
  expect(ended(137, 10.1)).toBe(
    "web-1: shop-web-1.4.1-77aa01ef was killed: it had not ended 10 s after its stop signal. If its work takes longer, raise slipway:servers.web.stop_timeout",
  );
});

it.each([
  ["ended by itself", ended(0, 4)],
  ["ended by the signal", ended(143, 0.1)],
  ["exited with that code before its time was over", ended(137, 3)],
  ["was killed for memory", ended(137, 10.1, { oomKilled: true })],
  ["gets no time", ended(137, 0.1, { grace: 0 })],
  ["is missing", killedAfter(undefined, 10.1, STOPPING, "web-1")],
])("says nothing of one that %s", (_what, warning) => expect(warning).toBeUndefined());
