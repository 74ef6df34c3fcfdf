import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contentNow, placeOf } from "../../../../../builder/index.ts";
import { changedBuild } from "../../../../../cli/deploy/fast-path/changed-build.ts";
import type { Kept } from "../../../../../cli/stack/checkpoint.ts";
import type { Builder } from "../../../../../core/builder.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "slipway-changed-"));
  vi.stubEnv("XDG_CACHE_HOME", `${project}-cache`);
  file("Dockerfile", "FROM scratch\n");
  git("init", "--quiet");
  commit();
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const path of [project, `${project}-cache`]) rmSync(path, { recursive: true, force: true });
});

const file = (name: string, content: string) => writeFileSync(join(project, name), content);
const git = (...args: string[]) =>
  execFileSync("git", ["-C", project, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);
const commit = () => {
  git("add", "--all");
  git("commit", "--quiet", "--message", "x");
};

/** The state of a stack whose image was built just now. */
async function builtWith(clean: Builder["clean"]): Promise<Kept[]> {
  const builder = { context: ".", args: {}, secrets: [], platforms: [], provenance: "false", sbom: "false", clean };
  const { hash } = await contentNow(builder, placeOf(builder, project));
  const built = { version: "1", content: hash, digest: "sha256:1" };
  const facts = { content: hash, version: "1", uncommitted: { first: [], count: 0 } };
  const outputs = {
    schema: 1,
    service: "shop",
    image: "slipway.invalid/shop",
    builder,
    hosts: {},
    secrets: {},
    __facts: facts,
    built,
  };
  return [{ urn: "", type: "", inputs: {}, outputs }];
}

const CHANGED = "the files that the image of shop is built from have changed";

describe("an image of which the last build is known", () => {
  it.each<[clean: Builder["clean"], edited: string | undefined, committed: string | undefined]>([
    [undefined, CHANGED, CHANGED],
    ["commit", undefined, CHANGED],
    [true, "slipway:builder.clean builds what is committed, and 1 file of the context is not", CHANGED],
  ])(
    "has a reason to be built again, or to be refused, after an edit and after its commit (clean: %s)",
    async (clean, edited, committed) => {
      const builds = await builtWith(clean);
      expect(await changedBuild(builds, project)).toBeUndefined();
      file("page.txt", "x");
      expect(await changedBuild(builds, project)).toBe(edited);
      commit();
      expect(await changedBuild(builds, project)).toBe(committed);
    },
  );
});
