import { describe, expect, it } from "vitest";
import type { Address } from "../../../../hosts/index.ts";
import { foundBefore, leftBehind } from "../../../../providers/release/moved.ts";
import { releaseProvider } from "../../../../providers/release/provider.ts";
import { aContainer, aRelease, serving, V1, WEB } from "./fixture.ts";

const at = (name: string, address: string, port = 22): Address => ({ name, address, port, user: "root" });
const A = "203.0.113.10";
const B = "203.0.113.11";
const RUNS = serving(aContainer(V1));

const declared = (...hosts: Address[]) =>
  aRelease(
    V1,
    { web: { ...WEB, hosts: hosts.map(({ name }) => name) } },
    { hosts: Object.fromEntries(hosts.map((host) => [host.name, host])) },
  );
const ranOn = (host: Address, made: readonly string[] = []) => ({
  hosts: { [host.name]: host },
  made,
  fleet: { [host.name]: RUNS },
});

describe("what was found before", () => {
  it.each([
    ["keeps its name", at("web-1", A), at("web-1", A), ["web-1"]],
    ["follows its machine to a new name", at(A, A), at("web-1", A), ["web-1"]],
    ["says nothing about another machine of that name", at("web-1", A), at("web-1", B), []],
    ["nor about one behind another port", at("web-1", A, 22), at("web-1", A, 2222), []],
    ["stays where the name left the config", at("old", A), at("web-1", B), ["old"]],
  ])("%s", (_case, old, now, names) => {
    expect(Object.keys(foundBefore(declared(now), ranOn(old)))).toEqual(names);
  });

  it("is not of a machine that goes with what it is made of", () => {
    expect(foundBefore(declared(at("web-1", B)), ranOn(at("web-2", A), ["web-2"]))).toEqual({});
  });
});

it("has nothing to leave when a machine has another name only", async () => {
  const run = {
    forgotten: undefined as never,
    hosts: undefined as never,
    report: undefined as never,
    owner: "",
    declared: async () => [],
  };
  expect(await leftBehind(declared(at("web-1", A)), ranOn(at(A, A)), run)).toEqual({});
});

it("plans nothing but the new name when a machine gets a name", () => {
  const state = { ...declared(at(A, A)), fleet: { [A]: RUNS }, releases: [] };
  expect(releaseProvider.plan(declared(at("web-1", A)), state)).toMatchObject({
    changes: true,
    text: expect.stringMatching(/^.*\n {2}web-1 {2}was called 203\.0\.113\.10: nothing changes there$/m),
  });
});
