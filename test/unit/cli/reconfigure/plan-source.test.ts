import { describe, expect, it } from "vitest";
import type { Change } from "../../../../cli/reconfigure/changes.ts";
import { needsEngine } from "../../../../cli/reconfigure/plan-source.ts";
import { hostsToAsk } from "../../../../cli/rollback/kept.ts";
import { type Checkpoint, DYNAMIC, type Kept } from "../../../../cli/stack/checkpoint.ts";
import type { DeclarationHash } from "../../../../project/declaration-hash.ts";

const HASH = "1".repeat(64);
const kept = (type: string, outputs: object = {}): Kept => ({
  urn: `urn:pulumi:prod::shop::${type}::shop`,
  type,
  inputs: { __madeFrom: HASH },
  outputs: { ...outputs },
});
const stateOf = (...more: readonly Kept[]): Checkpoint => {
  const own = [kept(`${DYNAMIC}Proxy`), kept(`${DYNAMIC}Release`), ...more];
  return { resources: [kept("slipway:Deployment", { resources: own.length + 1 }), ...own], isUnfinished: false };
};
const KNOWN: DeclarationHash = { kind: "known", hash: HASH };
const change = (path: string, secret = false): Change => ({ path: path.split("/"), to: "x", secret, sign: "~" });
const IMAGE = change("slipway:image");

describe("the plan of a rollback", () => {
  it.each<[situation: string, state: Checkpoint, declaration: DeclarationHash, changes: Change[]]>([
    ["the image changes", stateOf(), KNOWN, [IMAGE]],
    ["the environment changes as well", stateOf(), KNOWN, [IMAGE, change("slipway:env/clear/COLOR")]],
    ["backups run there, which have images of their own", stateOf(kept(`${DYNAMIC}Schedule`, { jobs: {} })), KNOWN, [IMAGE]],
  ])("is made without the engine when %s", (_situation, state, declaration, changes) => {
    expect(needsEngine(state, declaration, changes)).toBeUndefined();
  });

  it.each<[situation: string, state: Checkpoint, declaration: DeclarationHash, changes: Change[], because: string]>([
    ["a secret changes", stateOf(), KNOWN, [IMAGE, change("slipway:secrets/TOKEN", true)], "secrets change"],
    [
      "the proxy may change",
      stateOf(),
      KNOWN,
      [IMAGE, change("slipway:proxy/app_port")],
      "slipway:proxy may change more than the release",
    ],
    ["hosts may change", stateOf(), KNOWN, [change("slipway:servers/web")], "slipway:servers may change more than the release"],
    [
      "jobs run in the release's image",
      stateOf(kept(`${DYNAMIC}Schedule`, { jobs: { a: { version: "1" } } })),
      KNOWN,
      [IMAGE],
      "jobs change with the release",
    ],
    ["the last run was interrupted", { ...stateOf(), isUnfinished: true }, KNOWN, [IMAGE], "the last run was interrupted"],
    [
      "a canary is running",
      {
        resources: [kept("slipway:Deployment", { resources: 2 }), kept(`${DYNAMIC}Release`, { canary: {} })],
        isUnfinished: false,
      },
      KNOWN,
      [IMAGE],
      "a canary is running",
    ],
    [
      "a resource is not Slipway's",
      stateOf(kept("command:local:Command")),
      KNOWN,
      [IMAGE],
      "command:local:Command is not a resource of Slipway",
    ],
    [
      "something else was edited since the last run",
      stateOf(),
      { kind: "known", hash: "2".repeat(64) },
      [IMAGE],
      "the project's files have changed since the last successful run",
    ],
    [
      "the program cannot be followed",
      stateOf(),
      { kind: "unknown", because: "the program reads too much" },
      [IMAGE],
      "the program reads too much",
    ],
  ])("is the engine's when %s", (_situation, state, declaration, changes, because) => {
    expect(needsEngine(state, declaration, changes)).toBe(because);
  });
});

describe("the hosts that are asked for the image of a rollback", () => {
  const found = (...releases: readonly (string | undefined)[]) => ({
    kind: "reached",
    containers: releases.map((release) => ({ id: "1", ...(release === undefined ? {} : { release }) })),
  });
  const ask = (fleet: object) =>
    hostsToAsk({ release: "1-aa", ids: ["1-web", "1-job"] }, { outputs: { hosts: { a: {}, b: {} }, fleet } });

  it.each<[seen: string, fleet: object, hosts: string[]]>([
    ["a container of that release on each", { a: found("2-web", "1-web"), b: found("1-job") }, []],
    ["none on one of them", { a: found("1-web"), b: found("2-web", undefined) }, ["b"]],
    ["one host not at all", { a: found("1-web"), b: { kind: "unreachable", reason: "no answer" } }, ["b"]],
    ["nothing", {}, ["a", "b"]],
  ])("are those where the last look did not find a container of it: it saw %s", (_seen, fleet, hosts) => {
    expect(ask(fleet)).toEqual(hosts);
  });

  it("are all of them if the state has another form", () => {
    expect(hostsToAsk({ release: "1-aa" }, { outputs: { hosts: { a: {} }, fleet: "?" } })).toEqual(["a"]);
  });
});
