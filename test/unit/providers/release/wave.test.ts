import { describe, expect, it } from "vitest";
import type { Boot } from "../../../../core/release/boot.ts";
import type { RoleSpec } from "../../../../core/release/role.ts";
import type { Fleet } from "../../../../providers/release/fleet.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { aContainer, aHost, aRelease, aRouteTo, lost, ROUTE, serving, V1, V2, WEB, WORKER } from "./fixture.ts";

const [v1, v2] = [aContainer(V1), aContainer(V2)];
const HOSTS = ["web-1", "web-2", "web-3"];
const ROLES = { web: { ...WEB, hosts: HOSTS }, worker: WORKER };

const waves = (boot: Partial<Boot>, fleet: Fleet = {}, roles: Readonly<Record<string, RoleSpec>> = ROLES) =>
  planRelease(aRelease(V2, roles, { boot: { limit: 0, wait: 0, parallelRoles: true, ...boot } }), fleet).waves;

describe("the waves of a release", () => {
  it("are one when they are not limited, with all roles in it", () => {
    expect(waves({})).toEqual([["web-1/web", "web-2/web", "web-3/web", "jobs-1/worker"]]);
  });

  it("are none when nothing changes", () => {
    const there = { "web-1": serving(v2), "web-2": serving(v2), "web-3": serving(v2) };
    expect(waves({ limit: 1 }, { ...there, "jobs-1": aHost([aContainer(V2, { role: "worker" })]) })).toEqual([]);
  });

  it("have so many hosts as the limit says, those that answer requests first", () => {
    expect(waves({ limit: 1 })).toEqual([["web-1/web"], ["web-2/web"], ["web-3/web"], ["jobs-1/worker"]]);
    expect(waves({ limit: 2 })).toEqual([
      ["web-1/web", "web-2/web"],
      ["web-3/web", "jobs-1/worker"],
    ]);
    expect(waves({ limit: 9 })).toEqual(waves({}));
  });

  it("come in that order even where a role of another name would come first", () => {
    const roles = { api: { ...WORKER, hosts: ["a-1"] }, web: { ...WEB, hosts: ["web-1"] } };
    expect(waves({ limit: 1 }, {}, roles)).toEqual([["web-1/web"], ["a-1/api"]]);
  });

  it("count only hosts that change", () => {
    const fleet = { "web-1": serving(v2), "web-2": serving(v1), "web-3": serving(v1), "jobs-1": aHost() };
    expect(waves({ limit: 2 }, fleet)).toEqual([["web-2/web", "web-3/web"], ["jobs-1/worker"]]);
  });

  it("a: hold requests to host that only gets another route, or only makes way for nothing new", () => {
    const elsewhere = aHost([v2], [aRouteTo(v2, { ...ROUTE, hosts: ["old.example"] })]);
    const fleet = { "web-1": elsewhere, "web-2": serving(v2, aContainer(V1)), "web-3": serving(v2) };
    expect(waves({ limit: 1 }, { ...fleet, "jobs-1": aHost([aContainer(V2, { role: "worker" })]) })).toEqual([["web-1/web"]]);
  });

  it("take the roles of a host together, unless the config says otherwise", () => {
    const roles = { web: { ...WEB, hosts: ["a", "b"] }, worker: { ...WORKER, hosts: ["b", "a"] } };
    expect(waves({ limit: 1 }, {}, roles)).toEqual([
      ["a/web", "a/worker"],
      ["b/web", "b/worker"],
    ]);
    expect(waves({ limit: 1, parallelRoles: false }, {}, roles)).toEqual([["a/web"], ["b/web"], ["b/worker"], ["a/worker"]]);
    expect(waves({ parallelRoles: false }, {}, roles)).toEqual([
      ["a/web", "b/web"],
      ["b/worker", "a/worker"],
    ]);
  });

  it("leave out a host that cannot be reached: nothing will happen there", () => {
    expect(waves({ limit: 1 }, { "web-1": lost(), "web-2": serving(v1), "web-3": serving(v2), "jobs-1": lost() })).toEqual([
      ["web-2/web"],
    ]);
  });

  it("leave out a host that left", () => {
    expect(waves({}, { "web-1": serving(v1), "web-9": serving(v1) }, { web: WEB })).toEqual([["web-1/web"]]);
  });
});
