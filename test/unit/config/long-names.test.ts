import { describe, expect, it } from "vitest";
import { problems, type Section } from "./fixture.ts";

const HOST = "203.0.113.10";
const accessory = (name: string): Section => ({ accessories: { [name]: { image: "acme/db:1", host: HOST } } });
const SERVICE = "customer-relationship-management-platform";

describe("names that are too long on a host", () => {
  it("are refused for an accessory, whose container is a host name", () => {
    expect(problems({ service: SERVICE, ...accessory("elasticsearch-primary") })).toEqual([
      "slipway:accessories.elasticsearch-primary its container and host name customer-relationship-management-platform-elasticsearch-primary-production has 74 characters, of at most 63: shorten it, slipway:service or slipway:destination",
    ]);
  });
  it("are counted to the letter", () => {
    const name = "x".repeat(63 - "shop--production".length);
    expect(problems(accessory(name))).toEqual([]);
    expect(problems(accessory(`${name}x`))[0]).toContain("has 64 characters, of at most 63");
  });
  it("are refused for a role and a job, whose volumes and containers have them", () => {
    const name = "x".repeat(110);
    expect(problems({ servers: { web: [HOST], [name]: [HOST] } })[0]).toContain("has 126 characters, of at most 110");
    expect(problems({ jobs: { [name]: { schedule: "@daily", cmd: "a" } } })[0]).toContain("has 130 characters, of at most 110");
    expect(problems({ service: SERVICE })).toEqual([]);
  });
  it("are refused for a server that is created", () => {
    const made = { web: { hetzner: { count: 1, type: "cx23", location: "fsn1" } } };
    expect(problems({ service: "x".repeat(46), servers: made })).toEqual([]);
    expect(problems({ service: "x".repeat(47), servers: made })).toEqual([
      `slipway:servers.web.hetzner the host name of its server ${"x".repeat(47)}-production-web-1 has 64 characters, of at most 63: shorten it, slipway:service or slipway:destination`,
    ]);
  });
});
