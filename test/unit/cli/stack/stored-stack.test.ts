import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseCheckpoint } from "../../../../cli/stack/checkpoint.ts";
import { StoredStack } from "../../../../cli/stack/stored-stack.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-stored-"));
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder}`);
  await put("meta.yaml", "version: 1\n");
  await put("stacks/shop/prod.json", JSON.stringify(STORED));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
const DEPLOYMENT = {
  manifest: { time: "2026-03-01T12:00:00Z", magic: "", version: "v3.259.0" },
  resources: [
    { urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", type: "pulumi:pulumi:Stack" },
    { urn: "urn:pulumi:prod::shop::a:b:C::c", type: "a:b:C", outputs: { password: SEALED, secrets: SEALED, size: 1 } },
  ],
  metadata: {},
};
const STORED = { version: 3, checkpoint: { stack: "organization/shop/prod", latest: DEPLOYMENT } };
const project = { root: "/", name: "shop", backend: undefined, configFolder: "/", hasConfig: false };

async function put(path: string, content: string): Promise<void> {
  const file = join(folder, ".pulumi", path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
}
const state = async (stack = "prod") => (await StoredStack.find(project, stack))?.state();
const update = (nth: number, config: object = {}) => ({
  kind: "update",
  result: "succeeded",
  startTime: 1_772_366_400 + nth,
  endTime: 1_772_366_402 + nth,
  message: "",
  environment: {},
  version: 0,
  config,
});
const putUpdate = (nth: number, ending = "json") =>
  put(
    `history/shop/prod/prod-177236640${nth}000000000.history.${ending}`,
    JSON.stringify(update(nth, { "slipway:image": `shop:${nth}` })),
  );

describe("a stack in a backend that is a folder", () => {
  it.each(["prod", "organization/prod", "organization/shop/prod"])(
    "is read as Pulumi exports it when it is given as %s",
    async (name) => {
      expect(await state(name)).toEqual(parseCheckpoint(JSON.stringify({ version: 3, deployment: DEPLOYMENT })));
    },
  );

  it("knows of a run that was interrupted", async () => {
    const latest = { ...DEPLOYMENT, pending_operations: [{}] };
    await put("stacks/shop/prod.json", JSON.stringify({ ...STORED, checkpoint: { latest } }));
    expect((await state())?.isUnfinished).toBe(true);
  });

  it.each<[form: string, prepare: () => Promise<void>, stack?: string]>([
    ["is missing", async () => {}, "staging"],
    ["belongs to another project", async () => {}, "organization/blog/prod"],
    ["is named as no stack is", async () => {}, "../shop/prod"],
    ["is stored without its project, as older versions did", () => put("meta.yaml", "version: 0\n")],
    ["is stored by a later version of the layout", () => put("meta.yaml", "version: 2\n")],
    ["is compressed", () => put("stacks/shop/prod.json.gz", "")],
    ["has a checkpoint of another version", () => put("stacks/shop/prod.json", JSON.stringify({ ...STORED, version: 4 }))],
    [
      "has a checkpoint with features that are not known here",
      () => put("stacks/shop/prod.json", JSON.stringify({ ...STORED, features: ["snapshots"] })),
    ],
    ["has never been updated", () => put("stacks/shop/prod.json", JSON.stringify({ version: 3, checkpoint: {} }))],
    ["is not complete", () => put("stacks/shop/prod.json", JSON.stringify(STORED).slice(0, -9))],
    ["is in another backend", async () => void vi.stubEnv("PULUMI_BACKEND_URL", "s3://states")],
  ])("is left to Pulumi when it %s", async (_form, prepare, stack) => {
    await prepare();
    expect(await state(stack)).toBeUndefined();
  });

  it("has its updates, newest first and by pages", async () => {
    for (const nth of [1, 2, 3]) await putUpdate(nth);
    for (const beside of ["checkpoint.json", "history.json.attrs"])
      await put(`history/shop/prod/prod-1772366403000000000.${beside}`, "{}");
    const stored = await StoredStack.find(project, "prod");
    expect((await stored?.updates(1, 2))?.map(({ config }) => config)).toEqual([
      { "slipway:image": "shop:3" },
      { "slipway:image": "shop:2" },
    ]);
    expect(await stored?.updates(2, 2)).toMatchObject([
      {
        kind: "update",
        result: "succeeded",
        startTime: new Date("2026-03-01T12:00:01Z"),
        endTime: new Date("2026-03-01T12:00:03Z"),
        config: { "slipway:image": "shop:1" },
      },
    ]);
    expect(await stored?.updates(3, 2)).toEqual([]);
  });

  it.each(["json.gz", "json.zst"])("leaves a history with a file of the form %s to Pulumi", async (ending) => {
    await putUpdate(1);
    await putUpdate(2, ending);
    expect(await (await StoredStack.find(project, "prod"))?.updates(1, 50)).toBeUndefined();
  });
});
