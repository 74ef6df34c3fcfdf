import { describe, expect, it } from "vitest";
import { chooseMachines, chosen, names } from "../../../../cli/stack/choose.ts";
import type { Machines } from "../../../../cli/stack/machines.ts";
import { machinesIn } from "../../../../cli/stack/machines.ts";
import { matches } from "../../../../cli/stack/pattern.ts";

const HOSTS = ["db-1", "web-1", "web-10", "web-2"];

describe("a name with wildcards", () => {
  it.each<[pattern: string, name: string, fits: boolean]>([
    ["web-*", "web-1", true],
    ["web-*", "web-", true],
    ["web-*", "db-1", false],
    ["*", "anything", true],
    ["web-?", "web-1", true],
    ["web-?", "web-10", false],
    ["*.example.com", "web.example.com", true],
    ["*.example.com", "webXexample.com", false],
    ["web.1", "web-1", false],
    ["web[1]", "web[1]", true],
    ["a|b", "a", false],
    ["web", "web-1", false],
  ])("%s: %s", (pattern, name, fits) => {
    expect(matches(pattern, name)).toBe(fits);
  });
});

describe("the hosts that are named", () => {
  it.each<[string, string[]]>([
    ["web-1", ["web-1"]],
    ["web-*", ["web-1", "web-10", "web-2"]],
    ["db-1,web-?", ["db-1", "web-1", "web-2"]],
    ["*-1,web-1", ["db-1", "web-1"]],
  ])("are those of %s, each once", (text, hosts) => {
    expect(chosen("host", HOSTS, names(text))).toEqual(hosts);
  });

  it("are listed where a pattern fits none, and a name is not one", () => {
    expect(() => chosen("host", HOSTS, ["job-*", "web-1", "web-3"])).toThrow(
      /there is no host job-\*, web-3 in this stack.*hosts: db-1, web-1, web-10, web-2/s,
    );
  });

  it("are a pattern for hosts and roles only: an app or an accessory is one", () => {
    expect(() => chosen("app", ["shop", "blog"], ["s*"])).toThrow("there is no app s*");
    expect(() => chosen("accessory", ["db"], ["d*"])).toThrow("there is no accessory d*");
  });
});

describe("the hosts of a stack", () => {
  const host = (name: string) => ({ name, address: `${name}.test`, port: 22, user: "root" });
  const of = (type: string, outputs: object) => ({
    urn: `urn:pulumi:production::shop::pulumi-nodejs:dynamic/slipway:${type}::${type}`,
    type: `pulumi-nodejs:dynamic/slipway:${type}`,
    inputs: {},
    outputs: { ...outputs },
  });
  const release = of("Release", {
    hosts: { "web-2": host("web-2"), "web-1": host("web-1") },
    roles: { web: { hosts: ["web-1", "web-2"] }, worker: { hosts: ["web-2"] } },
  });
  const machines: Machines = machinesIn({
    resources: [of("DockerEngine", { host: host("web-1") }), of("Accessory", { host: host("db-1") }), release],
    isUnfinished: false,
  });
  const namesOf = (which: Parameters<typeof chooseMachines>[1]) => chooseMachines(machines, which).map(({ name }) => name);

  it("are all that the state names, an accessory's too", () => {
    expect(namesOf({})).toEqual(["db-1", "web-1", "web-2"]);
  });

  it("are those of a role, and of names within it", () => {
    expect(namesOf({ role: ["work*"] })).toEqual(["web-2"]);
    expect(namesOf({ role: ["web"], host: ["*-1"] })).toEqual(["web-1"]);
  });

  it("are refused where a role has none of the named ones", () => {
    expect(() => namesOf({ role: ["worker"], host: ["db-*"] })).toThrow("the role worker is on none of db-*");
  });
});
