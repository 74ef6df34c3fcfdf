import { describe, expect, it } from "vitest";
import { bodyOf, lastRelease, unreleased, withRelease } from "./changelog.ts";

const CHANGELOG = `# Changelog

Newest first.

## Unreleased

### Added
- A thing ([docs](docs/thing.md)).

## 0.2.0 - 2026-10-01

### Changed
- Another one.

## 0.1.0 - 2026-09-01

- The first one.
`;

describe("the changelog", () => {
  it("moves what is unreleased into a section with the version and the day", () => {
    const after = withRelease(CHANGELOG, "0.3.0", "2026-11-30");
    expect(after).toContain(
      "## Unreleased\n\n## 0.3.0 - 2026-11-30\n\n### Added\n- A thing ([docs](docs/thing.md)).\n\n## 0.2.0 ",
    );
    expect(unreleased(after)).toBe("");
    expect(bodyOf(after, "0.3.0")).toBe(unreleased(CHANGELOG));
    expect(lastRelease(after)).toBe("0.3.0");
  });

  it("has the text of one version up to the next one", () => {
    expect(bodyOf(CHANGELOG, "0.2.0")).toBe("### Changed\n- Another one.");
    expect(bodyOf(CHANGELOG, "0.1.0")).toBe("- The first one.");
    expect(bodyOf(CHANGELOG, "0.1")).toBe("");
  });

  it("is empty where there are only headings", () => {
    expect(unreleased("# Changelog\n\n## Unreleased\n\n### Added\n\n## 0.1.0 - 2026-09-01\n- One.\n")).toBe("");
  });

  it("has no last release before the first one", () =>
    expect(lastRelease("# Changelog\n\n## Unreleased\n- One.\n")).toBeUndefined());
});
