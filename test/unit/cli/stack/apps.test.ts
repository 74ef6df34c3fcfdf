import { describe, expect, it } from "vitest";
import { appsIn, ofApp } from "../../../../cli/stack/apps.ts";
import type { Checkpoint, Kept } from "../../../../cli/stack/checkpoint.ts";

const URN = "urn:pulumi:production::acme::";
const kept = (type: string, name: string, parent?: string): Kept => ({
  urn: `${URN}${type}::${name}`,
  type: type.split("$").at(-1) ?? type,
  parent: parent && URN + parent,
  inputs: {},
  outputs: {},
});

const stateOf = (...apps: string[]): Checkpoint => ({
  isUnfinished: false,
  resources: [
    kept("pulumi:pulumi:Stack", "acme"),
    kept("slipway:Server", "web-1", "pulumi:pulumi:Stack::acme"),
    ...apps.flatMap((app) => [
      kept("slipway:App", app, "pulumi:pulumi:Stack::acme"),
      kept("slipway:App$pulumi-nodejs:dynamic/slipway:Release", app, `slipway:App::${app}`),
    ]),
  ],
});
const names = ({ resources }: Checkpoint) => resources.map(({ urn }) => urn.replace(URN, ""));

describe("the apps of a program", () => {
  it("are known by name", () => {
    expect(appsIn(stateOf("shop", "blog"))).toEqual(["blog", "shop"]);
  });

  it("are chosen by name, with what is of no app", () => {
    expect(names(ofApp(stateOf("shop", "blog"), "blog"))).toEqual([
      "pulumi:pulumi:Stack::acme",
      "slipway:Server::web-1",
      "slipway:App::blog",
      "slipway:App$pulumi-nodejs:dynamic/slipway:Release::blog",
    ]);
  });

  it("need no name if there is one, or if a stack's file is the app", () => {
    for (const state of [stateOf("shop"), stateOf()]) expect(ofApp(state, undefined)).toBe(state);
  });

  it("are never guessed", () => {
    expect(() => ofApp(stateOf("shop", "blog"), undefined)).toThrow(/this stack has 2 apps[\s\S]*--app blog/);
    expect(() => ofApp(stateOf("shop", "blog"), "shp")).toThrow(/there is no app shp[\s\S]*apps: blog, shop/);
  });
});
