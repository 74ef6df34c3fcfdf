import { describe, expect, it } from "vitest";
import { HOST } from "./accessory/fixture.ts";
import { problems, type Section } from "./fixture.ts";

describe("clashes", () => {
  const both = (a: Section, b: Section, root: Section = {}): string[] =>
    problems({
      ...root,
      accessories: { a: { image: "acme/a", host: HOST, ...a }, b: { image: "acme/b", host: HOST, ...b } },
    });

  it("of ports are refused, between accessories, with roles and with the proxy", () => {
    expect(both({ port: 5432 }, { port: "10.0.0.1:5432:1" })).toEqual([]);
    expect(both({ port: 5432 }, { port: "5432:1" })).toEqual([
      `slipway:accessories.b.port port 5432/tcp on ${HOST} is already published by the accessory a`,
    ]);
    expect(both({ port: 25 }, {}, { servers: { web: [HOST], mail: { hosts: [HOST], options: { publish: "25:25" } } } })).toEqual([
      `slipway:accessories.a.port port 25/tcp on ${HOST} is already published by the role mail`,
    ]);
    expect(both({ port: 5432 }, { port: 1, options: { publish: "5432:5432" } })).toEqual([
      `slipway:accessories.b.port port 5432/tcp on ${HOST} is already published by the accessory a`,
    ]);
    expect(both({ port: 80 }, {})).toEqual([`slipway:accessories.a.port port 80/tcp on ${HOST} is used by the proxy`]);
    expect(both({ host: "203.0.113.99", port: 80 }, {})).toEqual([]);
  });
  it("of routes are refused", () => {
    const host = "search.example.com";
    expect(both({ proxy: { host } }, { proxy: { host } }, { proxy: { host: "shop.example.com" } })).toEqual([
      `slipway:accessories.b.proxy ${host} on ${HOST} is already routed to the accessory a: use a different host or path_prefix`,
    ]);
    expect(both({ proxy: {} }, {})).toEqual([
      `slipway:accessories.a.proxy every host name on ${HOST} is already routed to the role web: use a different host or path_prefix`,
    ]);
  });
  it("of names are refused", () => {
    const named = (names: string[], root: Section = {}) =>
      problems({ ...root, accessories: Object.fromEntries(names.map((name) => [name, { image: "acme/a", host: HOST }])) }).map(
        (line) => line.replace("slipway:accessories", ""),
      );
    expect(named(["web"])).toEqual([
      ".web its container shop-web-production has the name of the role web: choose a different name",
    ]);
    expect(named(["schedule"])).toEqual([
      ".schedule its container shop-schedule-production has the name of backups and jobs: choose a different name",
    ]);
    expect(named(["db", "db-next"], { destination: "none" })).toEqual([
      ".db-next its container shop-db-next has a name that db needs: choose a different name",
    ]);
    expect(named(["db", "db-next"])).toEqual([]);
    expect(named(["proxy"], { service: "kamal", destination: "none" })).toEqual([
      ".proxy its container kamal-proxy has the name of the proxy: choose a different name",
    ]);
    expect(both({ service: "shop-db" }, { service: "shop-db" })).toEqual([
      "slipway:accessories.b its container shop-db has the name of the accessory a: choose a different name",
    ]);
    expect(both({ service: "shop" }, {})).toEqual([
      "slipway:accessories.a its container shop has the name of the app: choose a different name",
    ]);
    expect(both({ service: "shop-web-production" }, {})).toEqual([
      "slipway:accessories.a its container shop-web-production has the name of the role web: choose a different name",
    ]);
    expect(named(["-db"])[0]).toContain("is not a valid name of an accessory: use letters, digits, - and _");
  });
  it("of one certificate on several hosts are refused", () =>
    expect(
      both(
        { host: undefined, hosts: [HOST, "203.0.113.99"], proxy: { host: "a.example.com", ssl: true } },
        {},
        { proxy: { host: "b.example.com" } },
      )[0],
    ).toContain("slipway:accessories.a.proxy.ssl works on one host only, but a.example.com is on 2"));
});
