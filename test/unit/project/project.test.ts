import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findProject, stackFile } from "../../../project/project.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-project-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The config that a rollback may rewrite. */
async function written(project: string, stack: string): Promise<unknown> {
  await writeFile(join(folder, "Pulumi.yaml"), project);
  await writeFile(join(folder, "Pulumi.prod.yaml"), stack);
  return stackFile(await findProject(folder), "acme/shop/prod");
}

const PROJECT = "name: shop\nruntime: nodejs\nbackend:\n  url: file:///state\n";
const CONFIG = "config:\n  slipway:service: shop\n";

it("is all in the stack's file", async () => {
  expect(await written(PROJECT, CONFIG)).toEqual({ "slipway:service": "shop" });
  expect(await findProject(folder)).toMatchObject({ name: "shop", backend: "file:///state", root: folder });
});

it.each([
  ["from an environment", PROJECT, `environment: [shop/prod]\n${CONFIG}`],
  ["from an environment that is written in place", PROJECT, `environment:\n  values: {}\n${CONFIG}`],
  ["from Pulumi.yaml", `${PROJECT}config:\n  slipway:service: shop\n`, CONFIG],
])("is not all in the stack's file if a part is %s", async (_what, project, stack) => {
  expect(await written(project, stack)).toBeUndefined();
});
