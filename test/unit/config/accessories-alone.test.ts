import { expect, it } from "vitest";
import { problems, read } from "./fixture.ts";

const ALONE = {
  servers: undefined,
  image: undefined,
  accessories: { db: { image: "postgres:17", host: "203.0.113.20", port: "10.0.0.5:5432:5432" } },
};

it("a stack may be accessories alone", () => {
  const { roles, hosts, accessories, image, builder, jobs } = read(ALONE);
  expect({ roles, image, builder, jobs }).toEqual({ roles: [], image: "", builder: undefined, jobs: [] });
  expect(hosts.map(({ name }) => name)).toEqual(["203.0.113.20"]);
  expect(accessories.map(({ name, hosts: on }) => [name, on])).toEqual([["db", ["203.0.113.20"]]]);
});

it("they may have the login of a registry", () => {
  const registry = { server: "ghcr.io", username: "acme", password: ["P"] };
  const { image, accessories } = read({
    ...ALONE,
    registry,
    secrets: { P: "p" },
    accessories: { a: { image: "ghcr.io/acme/a:1", host: "203.0.113.20" } },
  });
  expect([image, accessories[0]?.registry?.username]).toEqual(["", "acme"]);
});

it("their hosts have names of their own", () => {
  const db = { image: "postgres:17", host: undefined, hosts: { "db-1": "203.0.113.20", "db-2": "203.0.113.21" } };
  expect(read({ ...ALONE, accessories: { db } }).hosts.map(({ name }) => name)).toEqual(["db-1", "db-2"]);
});

it("what only an app would have is refused, key by key", () => {
  const refused = (key: string) => `slipway:${key} decides nothing without slipway:servers: remove it`;
  expect(problems({ ...ALONE, image: "acme/shop:1", env: { A: "b" }, jobs: {}, boot: { limit: 1 } })).toEqual(
    ["image", "env", "boot", "jobs"].map(refused).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)),
  );
  expect(problems({ ...ALONE, logging: { driver: "local" }, deploy_timeout: 5 })).toEqual(
    ["logging", "deploy_timeout"].map(refused),
  );
});

/** As the documentation has the keys. */
const ORDER = ["image", "env", "jobs", "boot"].map((key) => `slipway:${key} decides nothing without slipway:servers: remove it`);

it("a role that an accessory names is not there", () => {
  const db = { image: "postgres:17", role: "web" };
  expect(problems({ ...ALONE, accessories: { db } })).toEqual([expect.stringContaining("slipway:accessories.db.role")]);
});

it("nothing at all is refused", () => {
  const nothing = { servers: undefined, image: undefined };
  expect(problems(nothing)).toContain("slipway:servers is required; without an app, accessories are");
  expect(problems({ ...nothing, accessories: {} })).toEqual(["slipway:accessories is empty, and there are no servers"]);
});
