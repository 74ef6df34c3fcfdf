import { describe, expect, it } from "vitest";
import { describe as phrase } from "../../../../providers/release/describe.ts";
import type { Operation } from "../../../../providers/release/plan.ts";
import { imageOf, V1, V2 } from "./fixture.ts";

describe("one operation", () => {
  const on = { host: "web-1", role: "web", route: "shop-web" };
  const container = { container: "shop-web-1", id: "1".repeat(64) };
  const { host, route } = on;
  const share = { to: "percent", percent: 10 } as const;
  const table: readonly (readonly [says: string, operation: Operation])[] = [
    ["place cert.pem, key.pem for the proxy", { do: "place-files", host, folder: "slipway/1", files: ["cert.pem", "key.pem"] }],
    ['answer 503 for shop-web: "Back soon"', { do: "close", ...on, message: "Back soon" }],
    ["answer 503 for shop-web", { do: "close", ...on, message: "" }],
    [
      "run bin/migrate --all",
      { do: "run-command", host, container: "note", release: V2, index: 0, command: ["bin/migrate", "--all"] },
    ],
    ["hold requests to shop-web", { do: "pause", ...on }],
    ["stop shop-web-1 first (≤ 10 s to finish)", { do: "stop-before", host, role: "web", ...container, grace: 10 }],
    ["start shop-web-1", { do: "start", host, role: "web", container: "shop-web-1", release: V2 }],
    ["switch shop-web", { do: "switch", ...on, to: ["shop-web-1"], from: [], because: "release" }],
    [
      "set the route shop-web → shop-web-1, shop-web-1.2",
      { do: "switch", ...on, to: ["shop-web-1", "shop-web-1.2"], from: [], because: "route" },
    ],
    [
      "spread shop-web over 2 containers",
      { do: "switch", ...on, to: ["shop-web-1", "shop-web-1.2"], from: [], because: "replicas" },
    ],
    [
      "give shop-web-2 10 % of the requests with a cookie kamal-rollout of shop-web",
      { do: "canary", ...on, to: "shop-web-2", share },
    ],
    [
      "give shop-web-2 the requests with kamal-rollout=ann or beta of shop-web",
      { do: "canary", ...on, to: "shop-web-2", share: { to: "allowed", allow: ["ann", "beta"] } },
    ],
    ["end the canary of shop-web", { do: "end-canary", ...on }],
    ["let requests reach shop-web again (it is in maintenance)", { do: "open", ...on, was: "in maintenance" }],
    ["let requests reach shop-web again (it is paused)", { do: "open", ...on, was: "paused" }],
    [
      "undo the edit of shop-web-1 (cpus 1 → no limit)",
      { do: "reset-limits", host, role: "web", ...container, edited: ["cpus 1 → no limit"] },
    ],
    ["remove the route shop-web", { do: "remove-route", host, route }],
    ["stop shop-web-1 (≤ 10 s to finish)", { do: "stop", host, ...container, grace: 10 }],
    ["remove shop-web-1 (retired)", { do: "remove", host, ...container, image: "sha256:1", because: "retired" }],
    ["remove shop-web-1 (leftover)", { do: "remove-leftover", host, ...container, image: "sha256:1" }],
    [
      "remove the image shop@sha256:04bd0000… (no container uses it)",
      { do: "remove-image", host, id: "sha256:1", digest: imageOf(V1), because: "leftover" },
    ],
    [
      "remove the image sha256:04bd0000… (no container uses it)",
      { do: "remove-image", host, id: "sha256:1", digest: `sha256:04bd0000${"0".repeat(56)}`, because: "freed" },
    ],
    [
      "remove the volume shop-web-assets-1 (no container uses it)",
      { do: "remove-volume", host, volume: "shop-web-assets-1", because: "leftover" },
    ],
    [
      "remove slipway/shop/1 from the proxy's files (no route uses it)",
      { do: "remove-files", host, folder: "slipway/shop/1", because: "freed" },
    ],
    ["create the network kamal", { do: "create-network", host }],
    ["remove the network kamal", { do: "remove-network", host }],
    ["create the volume shop-web-assets-1", { do: "create-volume", host, volume: "shop-web-assets-1" }],
    [
      "share assets between shop-web-assets-2 and shop-web-assets-1",
      { do: "share-assets", host, container: "shop-web-2", volume: "shop-web-assets-2", with: "shop-web-assets-1" },
    ],
    ["set the limits of shop-web-1", { do: "set-limits", host, role: "web", container: "shop-web-1" }],
  ];
  it.each(table)("says: %s", (says, operation) => expect(phrase(operation)).toBe(says));
});
