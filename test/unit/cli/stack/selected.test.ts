import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { selectedIn } from "../../../../cli/stack/selected.ts";

let root: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "slipway-selected-"));
  env = { PULUMI_HOME: join(root, "pulumi") };
  await mkdir(join(root, "pulumi", "workspaces"), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As Pulumi does after `pulumi stack select`. */
const select = (project: string, content: string): Promise<void> => {
  const hash = createHash("sha1").update(join(project, "Pulumi.yaml")).digest("hex");
  return writeFile(join(root, "pulumi", "workspaces", `shop-${hash}-workspace.json`), content);
};

const BACKEND = "file:///srv/state";

it("is what Pulumi has noted for this project and this backend", async () => {
  await select(join(root, "other"), `{"stacks":{"${BACKEND}":"staging"}}`);
  expect(await selectedIn(root, BACKEND, env)).toBeUndefined();
  await select(root, `{"stacks":{"${BACKEND}":"organization/shop/production"}}`);
  expect(await selectedIn(root, BACKEND, env)).toBe("organization/shop/production");
  expect(await selectedIn(root, "s3://state", env)).toBeUndefined();
});

it("is that of the environment before any other", async () => {
  await select(root, `{"stacks":{"${BACKEND}":"production"}}`);
  expect(await selectedIn(root, BACKEND, { ...env, PULUMI_STACK: "staging" })).toBe("staging");
});

it.each(["", "{}", `{"stacks":{}}`, `{"stack":"production"}`, "[]", `{"stacks":{"${BACKEND}":1}}`])(
  "is left to Pulumi where the note is %j",
  async (content) => {
    await select(root, content);
    expect(await selectedIn(root, BACKEND, env)).toBeUndefined();
  },
);
