import { describe, expect, it } from "vitest";
import { type AppNames, checkKamal, kamalIn } from "../../../../cli/doctor/kamal.ts";
import type { ContainerSummary } from "../../../../hosts/index.ts";
import { known, withMachine } from "./fixture.ts";

const SHOP: AppNames = { service: "shop", destination: undefined, accessories: new Map([["shop-db", "db"]]) };

const container = (
  name: string,
  labels: Record<string, string>,
  state: ContainerSummary["state"] = "running",
): ContainerSummary => ({
  id: name,
  name,
  image: "shop:1",
  imageId: "sha256:1",
  state,
  labels,
  volumes: [],
  writes: [],
  created: 0,
});
const APP = container("shop-web-3f1c", { service: "shop", role: "web", destination: "" });
const DB = container("shop-db", { service: "shop-db" });

describe("what Kamal runs under the names of a stack", () => {
  it("is its app and its accessories", () => {
    expect(kamalIn(SHOP, [APP, DB])).toEqual({
      roles: [{ name: "shop-web-3f1c", role: "web" }],
      accessories: [{ name: "shop-db", accessory: "db" }],
    });
  });

  it.each([
    ["ours", container("shop-web-v1", { service: "shop", role: "web", "slipway.release": "v1" })],
    ["of another destination", container("shop-web-staging-3f1c", { service: "shop", role: "web", destination: "staging" })],
    ["of another service", container("blog-web-3f1c", { service: "blog", role: "web" })],
    ["an accessory that is not declared", container("shop-cache", { service: "shop-cache" })],
    ["retired", { ...APP, state: "exited" as const }],
  ])("is nothing that is %s", (_case, other) => {
    expect(kamalIn(SHOP, [other])).toEqual({ roles: [], accessories: [] });
  });
});

describe("the row of the check", () => {
  const row = (folders: readonly string[], containers: readonly ContainerSummary[]) =>
    checkKamal(withMachine({ kamal: folders }, { kamal: known(kamalIn(SHOP, containers)) }), SHOP);

  it("is absent where nothing is Kamal's", () => {
    expect(row([".kamal/apps/blog/env"], [])).toEqual([]);
  });

  it("names what a run takes over", () => {
    expect(row([], [APP, DB])).toEqual([
      { check: "kamal", result: "fine", found: "pulumi up takes over shop-web-3f1c (web), shop-db (accessory db)" },
    ]);
  });

  it("names secrets that Kamal left, and how to remove them", () => {
    expect(row([".kamal/apps/shop/env"], [APP])).toMatchObject([
      {
        result: "warning",
        evidence: ["secrets in ~/.kamal/apps/shop/env"],
        next: expect.stringContaining("once nothing goes back"),
      },
    ]);
    expect(row([".kamal/apps/shop/env"], [])).toMatchObject([{ found: "files with secrets are left of it" }]);
  });
});
