import { describe, expect, it } from "vitest";
import { existing, problems, read, type Section } from "../fixture.ts";

import { db, HOST, refused, withDb } from "./fixture.ts";

describe("hosts", () => {
  const servers = {
    web: { hosts: { "web-2": "203.0.113.12", "web-1": { address: "203.0.113.11", tags: "eu" } } },
    jobs: { hosts: { "jobs-1": { address: "203.0.113.13", tags: ["eu", "slow"] } } },
  };
  const env = { tags: { eu: { REGION: "eu" }, slow: { A: "1" }, e: { B: "1" } } };
  const place = { servers, env };
  const hosts = (part: Section, root: Section = place) => db({ host: undefined, ...part }, root).hosts;

  it("are chosen by host, role or tag", () => {
    expect(hosts({ host: "web-1" })).toEqual(["web-1"]);
    expect(hosts({ hosts: ["web-2", "203.0.113.99"] })).toEqual(["203.0.113.99", "web-2"]);
    expect(hosts({ role: "web" })).toEqual(["web-1", "web-2"]);
    expect(hosts({ roles: ["web", "jobs"] })).toEqual(["jobs-1", "web-1", "web-2"]);
    expect(hosts({ tag: "eu" })).toEqual(["jobs-1", "web-1"]);
    expect(hosts({ tags: ["eu", "slow"] })).toEqual(["jobs-1", "web-1"]);
  });

  it("may be machines of its own, which are hosts like any other", () => {
    const config = read(
      withDb({ host: undefined, hosts: { "db-1": { address: "203.0.113.20", port: 2222, user: "ops" } } }, place),
    );
    expect(existing(config)).toContainEqual({ name: "db-1", address: "203.0.113.20", port: 2222, user: "ops" });
    expect(config.roles.flatMap((role) => role.hosts)).not.toContain("db-1");
  });
  it("may be described by the accessory and used by a role", () => {
    const config = read(withDb({ host: undefined, hosts: { "db-1": "203.0.113.20" } }, { servers: ["db-1"] }));
    expect(existing(config)).toMatchObject([{ name: "db-1", address: "203.0.113.20" }]);
  });
  it("may be servers that a role makes", () =>
    expect(hosts({ host: "web-2" }, { servers: { web: { hetzner: { count: 2 } } }, "hcloud:token": "x" })).toEqual(["web-2"]));
  it("of an accessory alone are no part of a share of hosts", () => {
    const boot = { limit: "50%" };
    expect(read(withDb({ host: "203.0.113.99" }, { ...place, boot })).boot).toEqual(read({ ...place, boot }).boot);
  });

  const KEYS = "host, hosts, role, roles, tag, tags";
  it.each<[string, Section, string]>([
    ["none", {}, ` does not say where it runs: set one of ${KEYS}`],
    ["two kinds", { host: "web-1", role: "web" }, `.role not allowed together with host: set one of ${KEYS}`],
    ["an unknown role", { role: "db" }, '.role "db" is not a role with hosts; available: jobs, web'],
    ["one of several roles", { roles: ["web", "db"] }, '.roles[1] "db" is not a role with hosts; available: jobs, web'],
    ["an unknown tag", { tag: "us" }, '.tag "us" is not the tag of any host; available: eu, slow'],
    ["a part of a tag", { tag: "e" }, '.tag "e" is not the tag of any host; available: eu, slow'],
    ["no address", { host: "203.0.113.300" }, '.host "203.0.113.300" is not an address or host name'],
    ["a machine without address", { hosts: { "db-1": {} } }, ".hosts.db-1.address is required"],
    [
      "tags of a machine",
      { hosts: { "db-1": { address: HOST, tags: "eu" } } },
      ".hosts.db-1.tags not allowed here: put tags on a role's hosts",
    ],
    ["an empty list", { hosts: {} }, ".hosts no hosts"],
  ])("refuses %s", (_, part, problem) => {
    refused({ host: undefined, ...part }, problem, place);
  });
  it("judges no role where the servers cannot be read", () =>
    expect(problems(withDb({ host: undefined, role: "x" }, { servers: "x" }))).toEqual([
      "slipway:servers should be a list or a map",
    ]));
});
