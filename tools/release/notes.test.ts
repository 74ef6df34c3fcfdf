import { describe, expect, it } from "vitest";
import { releaseNotes, type Tagged } from "./notes.ts";

const TAGGED: Tagged = {
  tag: "v0.2.0",
  version: "0.2.0",
  changelog: "## Unreleased\n\n## 0.2.0 - 2026-10-01\n- A thing ([docs](docs/thing.md#a), [web](https://example.com)).\n",
  repository: "https://github.com/acme/slipway",
};

describe("the notes of a release", () => {
  it("have links to the files of that version", () => {
    expect(releaseNotes(TAGGED)).toBe(
      "- A thing ([docs](https://github.com/acme/slipway/blob/v0.2.0/docs/thing.md#a), [web](https://example.com)).",
    );
  });

  it("keep their links where the repository is unknown", () => {
    expect(releaseNotes({ ...TAGGED, repository: undefined })).toContain("(docs/thing.md#a)");
  });

  it("do not exist for a tag that is not the version of package.json", () => {
    expect(() => releaseNotes({ ...TAGGED, version: "0.1.0" })).toThrow("the tag is v0.2.0, and package.json has 0.1.0");
  });

  it("do not exist for a version without a section", () => {
    expect(() => releaseNotes({ ...TAGGED, changelog: "## Unreleased\n- A thing.\n" })).toThrow(
      "CHANGELOG.md has nothing under 0.2.0",
    );
  });
});
