import { describe, expect, it } from "vitest";
import type { Released } from "../../../../cli/stack/release-history.ts";
import { find } from "../../../../cli/stack/release-history.ts";
import { rollbacksOf } from "../../../../cli/status/collect.ts";

const RELEASES: Released[] = [
  { release: "2-aa", version: "2", image: "shop@sha256:2", at: "2026-03-01T13:00:00Z", ids: ["2-web", "2-worker"] },
  { release: "1-bb", version: "1", image: "shop@sha256:1", at: "2026-03-01T12:00:00Z", ids: ["1-web", "1-worker"] },
];
const retired = (...releases: string[]) => releases.map((release) => ({ role: "web", release, container: `shop-${release}` }));
const wanted = ["web-1", "web-2"].map((host) => ({ host, role: "web" })) as never;

describe("the rollbacks that status offers", () => {
  it("are releases of this stack, by the name that rollback takes", () => {
    const hosts = [
      { host: "web-1", retired: retired("1-web") },
      { host: "web-2", retired: retired("1-web") },
    ];
    const offered = rollbacksOf(hosts, { wanted }, RELEASES);
    expect(offered).toEqual([{ role: "web", release: "1-bb", hosts: ["web-1", "web-2"], everywhere: true }]);
    expect(find(RELEASES, offered[0]?.release ?? "").version).toBe("1");
  });

  it("are not containers that Kamal has left", () => {
    expect(rollbacksOf([{ host: "web-1", retired: retired("shop-web-r1") }], { wanted }, RELEASES)).toEqual([]);
  });

  it("may be named by the id of a container", () => {
    expect(find(RELEASES, "1-worker").release).toBe("1-bb");
  });
});
