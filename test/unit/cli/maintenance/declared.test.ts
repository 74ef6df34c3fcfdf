import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { declare, withMaintenance } from "../../../../cli/maintenance/declared.ts";

const FILE = `# of the shop
config:
  slipway:service: shop # as in Kamal
  slipway:servers:
    web: { hosts: [203.0.113.10] }
`;

describe("maintenance in a stack's file", () => {
  it("is added as its last key, and every other byte stays", () => {
    expect(withMaintenance(FILE, { message: "Back at 10:00" }, "x.yaml")).toBe(
      `${FILE}  slipway:maintenance:\n    message: "Back at 10:00"\n`,
    );
    expect(withMaintenance(FILE, { message: "" }, "x.yaml")).toBe(`${FILE}  slipway:maintenance: true\n`);
  });

  it.each(["true", "false", '{ message: "old" }', '\n    message: "old" # until ten'])("replaces %j", (before) => {
    const edited = withMaintenance(`${FILE}  slipway:maintenance: ${before}\n`, { message: "new" }, "x.yaml");
    expect(edited).toContain('message: "new"');
    expect(edited).not.toContain("old");
    expect(edited.match(/slipway:maintenance/g)).toHaveLength(1);
  });

  it("is removed without a trace, and is no change where it is not", () => {
    const on = withMaintenance(FILE, { message: "Back at 10:00" }, "x.yaml");
    expect(withMaintenance(on, undefined, "x.yaml")).toBe(FILE);
    expect(withMaintenance(FILE, undefined, "x.yaml")).toBe(FILE);
  });

  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-maintenance-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is written through a link, which stays one", async () => {
    await writeFile(join(folder, "real.yaml"), FILE);
    await symlink("real.yaml", join(folder, "link.yaml"));
    expect(await declare({ message: "" }, join(folder, "link.yaml"), "link.yaml")).toBeUndefined();
    expect(await readFile(join(folder, "real.yaml"), "utf8")).toContain("slipway:maintenance: true");
  });

  it("says why a file cannot be changed, and leaves it", async () => {
    const file = join(folder, "x.yaml");
    const anchored = FILE.replace("shop #", "&name shop #");
    await writeFile(file, anchored);
    expect(await declare({ message: "" }, file, "x.yaml")).toContain("x.yaml uses YAML that this command does not edit");
    expect(await readFile(file, "utf8")).toBe(anchored);
    expect(await declare({ message: "" }, join(folder, "missing.yaml"), "missing.yaml")).toContain("ENOENT");
  });
});
