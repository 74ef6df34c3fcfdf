import { describe, expect, it } from "vitest";
import { isAtLeast } from "./version.ts";

describe("a Pulumi version", () => {
  it.each([
    ["v3.259.0", "3.259.0", true],
    ["3.260.0-dev.1", "3.259.0", true],
    ["4.0.0", "3.259.0", true],
    ["3.258.9", "3.259.0", false],
    ["2.999.0", "3.259.0", false],
    ["", "3.259.0", false],
  ])("%s is new enough for %s: %s", (found, wanted, enough) => {
    expect(isAtLeast(found, wanted)).toBe(enough);
  });
});
