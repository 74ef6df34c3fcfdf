import { expect, it } from "vitest";
import { linesOf } from "../../../../cli/version/run.ts";

it("says which versions are used, its own in the first line", () => {
  const found = { slipway: "1.2.3", node: "24.1.0" };
  expect(linesOf({ ...found, pulumi: null })).toEqual([
    "slipway 1.2.3",
    "node 24.1.0",
    "pulumi is not there: slipway install fetches it",
  ]);
  const pulumi = { path: "/opt/pulumi/pulumi", version: "3.259.0", doubts: [] };
  expect(linesOf({ ...found, pulumi })[2]).toBe("pulumi 3.259.0 (/opt/pulumi/pulumi)");
  expect(linesOf({ ...found, pulumi: { ...pulumi, version: null, doubts: ["it is broken"] } })[2]).toBe(
    "pulumi of an unknown version (/opt/pulumi/pulumi; it is broken)",
  );
});
