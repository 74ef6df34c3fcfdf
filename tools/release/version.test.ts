import { describe, expect, it } from "vitest";
import { refusedVersion } from "./version.ts";

describe("the version of a release", () => {
  it.each([
    ["0.2.0", "0.1.9"],
    ["0.1.10", "0.1.9"],
    ["1.0.0", "0.12.3"],
    ["10.0.0", "9.9.9"],
  ])("may be %s after %s", (version, last) => expect(refusedVersion(version, last, last)).toBeUndefined());

  it.each([
    ["0.1.9", "0.1.9"],
    ["0.1.9", "0.1.10"],
    ["0.12.3", "1.0.0"],
  ])("is not %s after %s", (version, last) => {
    expect(refusedVersion(version, last, last)).toBe(`${version} is not newer than ${last}, the last release`);
  });

  it("is the one of package.json at the first release, or a newer one", () => {
    expect(refusedVersion("0.1.0", "0.1.0", undefined)).toBeUndefined();
    expect(refusedVersion("0.2.0", "0.1.0", undefined)).toBeUndefined();
    expect(refusedVersion("0.0.9", "0.1.0", undefined)).toBe("0.0.9 is older than 0.1.0 in package.json");
  });

  it.each(["", "1.0", "v1.0.0", "1.0.0-rc.1", "01.0.0", "1.0.0 "])("is three numbers: '%s' is refused", (version) => {
    expect(refusedVersion(version, "0.1.0", undefined)).toContain("is not a version");
  });
});
