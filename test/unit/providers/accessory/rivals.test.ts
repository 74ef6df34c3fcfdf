import { describe, expect, it } from "vitest";
import type { ContainerSummary } from "../../../../hosts/index.ts";
import { planAccessory } from "../../../../providers/accessory/plan.ts";
import { rivalsOf } from "../../../../providers/accessory/rivals.ts";
import { aContainer, anAccessory, found, stopped } from "./fixture.ts";

const onVolume = anAccessory({ mounts: [{ source: "shop-data", target: "/data", readOnly: false }] });
const onFolder = anAccessory({ directories: [{ source: "/srv/shop/data", target: "/data" }] });

const container = (writes: string[], changes: Partial<ContainerSummary> = {}): ContainerSummary => ({
  id: "r1",
  name: "shop-db",
  image: "postgres:16.4",
  imageId: "sha256:1",
  state: "running",
  labels: {},
  volumes: [],
  writes,
  created: 0,
  ...changes,
});

describe("a rival", () => {
  it.each([
    ["the same volume", onVolume, "shop-data"],
    ["the folder of that volume", onVolume, "/var/lib/docker/volumes/shop-data/_data"],
    ["a folder in that volume", onVolume, "/var/lib/docker/volumes/shop-data/_data/16"],
    ["the same folder", onFolder, "/srv/shop/data"],
    ["the same folder, written otherwise", onFolder, "/srv/shop//data/"],
    ["a folder in it", onFolder, "/srv/shop/data/pg"],
    ["a folder around it", onFolder, "/srv/shop"],
    ["all of the host", onFolder, "/"],
  ])("writes to %s", (_case, inputs, source) => {
    expect(rivalsOf(inputs, [container([source])])).toMatchObject([{ name: "shop-db", of: "other" }]);
  });

  it.each([
    ["another volume", onVolume, container(["shop-data-2"])],
    ["a folder that begins alike", onFolder, container(["/srv/shop/data2"])],
    ["only reads", onFolder, container([])],
    ["was stopped by hand", onFolder, container(["/srv/shop/data"], { state: "exited" })],
    ["is the accessory itself", onFolder, container(["/srv/shop/data"], { name: onFolder.container })],
    ["is its own candidate", onFolder, container(["/srv/shop/data"], { name: `${onFolder.container}-next` })],
    ["swaps its own data", onFolder, container(["/srv/shop/data"], { name: `${onFolder.container}-restore` })],
  ])("is none that %s", (_case, inputs, other) => {
    expect(rivalsOf(inputs, [other])).toEqual([]);
  });

  it("is none of the app's own containers, where no database is concerned", () => {
    const labels = { service: "shop", role: "web" };
    const { preset: _postgres, ...files } = onFolder;
    expect(rivalsOf(files, [container(["/srv/shop/data"], { labels })])).toEqual([]);
    expect(rivalsOf(onFolder, [container(["/srv/shop/data"], { labels })])).toHaveLength(1);
  });

  it("is of the stack where that one was adopted, and not where no stack is named", () => {
    const adopting = { ...onFolder, adopt: ["blog/production"] };
    const ofStack = (labels: Record<string, string>) =>
      rivalsOf(adopting, [
        container(["/srv/shop/data"], { labels: { "slipway.accessory": "pg", service: "shop-db", ...labels } }),
      ]);
    expect(ofStack({ "slipway.stack": "blog/production" })).toMatchObject([{ of: "stack" }]);
    expect(ofStack({})).toMatchObject([{ of: "other" }]);
  });

  it.each([
    ["stack", { "slipway.accessory": "pg", "slipway.stack": onFolder.stack, service: "shop-db" }],
    ["other", { "slipway.accessory": "pg", "slipway.stack": "blog/production", service: "shop-db" }],
    ["kamal", { service: "shop-db" }],
  ])("is of the %s by its labels", (of, labels) => {
    expect(rivalsOf(onFolder, [container(["/srv/shop/data"], { labels })])).toMatchObject([{ of }]);
  });
});

describe("a rival of the same stack", () => {
  const rival = { id: "r1", name: "shop-pg-production", source: "shop-data", whose: "the accessory pg", of: "stack" as const };
  const kinds = (...args: Parameters<typeof planAccessory>) => planAccessory(...args).map((operation) => operation.do);

  it("stops after everything is created, right before the new one starts", () => {
    expect(kinds(onVolume, found({ rivals: [rival] }))).toEqual([
      ...["create", "stop-rival", "start", "prove", "set-limits", "rename"],
    ]);
  });

  it("stops before an interrupted start goes on", () => {
    expect(kinds(onVolume, found({ main: stopped(onVolume), rivals: [rival] }))).toEqual([
      ...["stop-rival", "start", "prove", "set-limits"],
    ]);
  });

  it("is left to its own resource where nothing starts", () => {
    expect(kinds(onVolume, found({ main: aContainer(onVolume), rivals: [rival] }))).toEqual([]);
  });
});
