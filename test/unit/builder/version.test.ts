import { describe, expect, it } from "vitest";
import { commitOfCi, type VersionSources, versionOf } from "../../../builder/version.ts";

const content = "04bd77aa".padEnd(64, "0");
const of = (over: Partial<VersionSources>) =>
  versionOf({ given: undefined, commit: undefined, isDirty: false, ci: undefined, content, ...over });

describe("the version of a build", () => {
  it.each<[string, Partial<VersionSources>, string]>([
    ["the commit", { commit: "3f2a1b9" }, "3f2a1b9"],
    ["the commit with a hash of the content, if that is not committed", { commit: "3f2a1b9", isDirty: true }, "3f2a1b9-04bd77aa"],
    ["what is given before all", { given: "1.4.2", commit: "3f2a1b9", isDirty: true }, "1.4.2"],
    ["the commit of a CI, without a repository", { ci: "9c1d2e3f4a5b6c7d" }, "9c1d2e3f"],
    ["the content, without anything else", {}, "04bd77aa"],
    ["the commit, where a variable is empty", { given: "", commit: "3f2a1b9" }, "3f2a1b9"],
  ])("is %s", (_, sources, version) => {
    expect(of(sources)).toBe(version);
  });

  it("is the same for the same content of a commit, and another for another", () => {
    const dirty = { commit: "3f2a1b9", isDirty: true };
    expect(of(dirty)).toBe(of(dirty));
    expect(of({ ...dirty, content: "9".repeat(64) })).not.toBe(of(dirty));
  });
});

it.each(["GITHUB_SHA", "CI_COMMIT_SHA", "SEMAPHORE_GIT_SHA", "CIRCLE_SHA1", "BUILDKITE_COMMIT"])("knows %s", (name) => {
  expect(commitOfCi({ [name]: "9c1d2e3f" })).toBe("9c1d2e3f");
});
