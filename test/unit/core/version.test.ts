import { describe, expect, it } from "vitest";
import { isOlder } from "../../../core/version.ts";

describe("a version", () => {
  it.each([
    ["v3.259.0", "3.259.0", false],
    ["3.260.0-dev.1", "3.259.0", false],
    ["4.0.0", "3.259.0", false],
    ["3.258.9", "3.259.0", true],
    ["2.999.0", "3.259.0", true],
    ["", "3.259.0", true],
  ])("%s is older than %s: %s", (found, wanted, older) => {
    expect(isOlder(found, wanted)).toBe(older);
  });
});
