import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stackConfigNow } from "../../../project/stack-config.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-project-"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: slipway\nruntime: nodejs\n");
});
afterAll(() => rm(folder, { recursive: true }));

it("is what the stack's file has now, objects as JSON", async () => {
  await writeFile(
    join(folder, "Pulumi.production.yaml"),
    "config:\n  slipway:ssh: { keys: [new.key] }\n  slipway:forget: web-2\n",
  );
  const config = await stackConfigNow(folder, "production");
  expect([config?.get("slipway:ssh"), config?.get("slipway:forget"), config?.get("slipway:env")]).toEqual([
    '{"keys":["new.key"]}',
    "web-2",
    undefined,
  ]);
});

it("is unknown without a file of the stack, or without a project", async () => {
  expect(await stackConfigNow(folder, "elsewhere")).toBeUndefined();
  expect(await stackConfigNow(tmpdir(), "production")).toBeUndefined();
});
