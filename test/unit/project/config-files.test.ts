import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stackFileName } from "../../../project/config-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-project-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (file: string, text = ""): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};

describe("the file of a stack, as messages name it", () => {
  it.each([
    ["beside Pulumi.yaml", "name: shop\n", "Pulumi.production.yaml"],
    ["in the folder that Pulumi.yaml names", "name: shop\nstackConfigDir: stacks\n", "stacks/Pulumi.production.yaml"],
    ["with the other ending", "name: shop\n", "Pulumi.production.yml"],
  ])("is %s, whichever folder of the project asks", (_where, project, file) => {
    write("Pulumi.yaml", project);
    write(file, "config: {}\n");
    write("node_modules/slipway/program.js");
    for (const folder of [root, join(root, "node_modules", "slipway")])
      expect(stackFileName(folder, "acme/shop/production")).toBe(file);
  });

  it("is where Pulumi would write it, if it does not exist", () => {
    write("Pulumi.yaml", "name: shop\nstackConfigDir: stacks\n");
    expect(stackFileName(root, "production")).toBe("stacks/Pulumi.production.yaml");
  });
});
