import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ShownPlans } from "../../../../providers/pulumi/shown-plans.ts";

const folder = mkdtempSync(join(tmpdir(), "shown-plans-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the plan of a resource", () => {
  it("is shown once in a run, whatever the engine asks again: a replacement is planned by diff, then by another check", () => {
    const shown = new ShownPlans(undefined);
    expect(shown.show("urn:proxy", "web-1 now points to a different machine   run kamal-proxy")).toBe(true);
    expect(shown.show("urn:proxy", "web-1   run kamal-proxy")).toBe(false);
    expect(shown.show("urn:other", "web-1   run kamal-proxy")).toBe(true);
  });

  it("is not shown if there is nothing to say, and can be later", () => {
    const shown = new ShownPlans(undefined);
    expect(shown.show("urn:proxy", "")).toBe(false);
    expect(shown.show("urn:proxy", "web-1   run kamal-proxy")).toBe(true);
  });

  it("is not repeated by the update after a preview, unless it differs", () => {
    const file = join(folder, "plans");
    const preview = new ShownPlans(file);
    for (const urn of ["urn:shop", "urn:blog"]) preview.show(urn, "release v2");
    const update = new ShownPlans(file);
    expect(update.show("urn:shop", "release v2")).toBe(false);
    expect(update.show("urn:blog", "release v2\n  web-1  found stopped (drift)")).toBe(true);
    expect(readFileSync(file, "utf8")).not.toContain("v2");
  });

  it("is shown where the file cannot be used", () => {
    const shown = new ShownPlans("/nonexistent/plans");
    expect(shown.show("urn:shop", "release v2")).toBe(true);
  });
});
