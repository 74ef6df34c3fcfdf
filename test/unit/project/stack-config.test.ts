import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stackConfigNow, withKamals } from "../../../project/stack-config.ts";

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

it("has the keys of Kamal's file, for a run with a program and for one without", async () => {
  await mkdir(join(folder, "config"), { recursive: true });
  await writeFile(
    join(folder, "config/deploy.yml"),
    "service: shop\nservers: [203.0.113.10]\nssh: { user: deploy, port: 2222 }\n",
  );
  await writeFile(
    join(folder, "Pulumi.kamal.yaml"),
    "config:\n  slipway:deploy_file: config/deploy.yml\n  slipway:forget: web-2\n",
  );
  const ssh = '{"user":"deploy","port":2222}';
  const now = await stackConfigNow(folder, "kamal");
  expect([now?.get("slipway:ssh"), now?.get("slipway:forget"), now?.get("slipway:service")]).toEqual([ssh, "web-2", "shop"]);
  const given = new Map([["slipway:deploy_file", "config/deploy.yml"]]);
  expect((await withKamals(given, folder, "acme/shop/kamal")).get("slipway:ssh")).toBe(ssh);
  given.set("slipway:ssh", "{}");
  expect((await withKamals(given, folder, "kamal")).get("slipway:ssh")).toBe("{}");
});
