import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contentOf } from "../../../../builder/context/content.ts";
import { rememberBuild } from "../../../../builder/index.ts";
import { buildFacts, unreadable } from "../../../../components/declare/build.ts";
import { read } from "../../config/fixture.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "slipway-build-"));
  vi.stubEnv("XDG_CACHE_HOME", join(project, "..", `${project}-cache`));
  for (const name of ["SLIPWAY_VERSION", "GITHUB_SHA", "CI_COMMIT_SHA"]) vi.stubEnv(name, undefined);
  writeFileSync(join(project, "Pulumi.yaml"), "name: shop\n");
  mkdirSync(join(project, "below"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const path of [project, `${project}-cache`]) rmSync(path, { recursive: true, force: true });
});

const file = (name: string, content: string) => writeFileSync(join(project, name), content);
const git = (...args: string[]) =>
  execFileSync("git", ["-C", project, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
    encoding: "utf8",
  }).trim();
const facts = (builder: object = {}, folder = project) => {
  const { builder: resolved, ...app } = read({ image: undefined, builder });
  if (resolved === undefined) throw new Error("nothing is built");
  return buildFacts({ ...app, builder: resolved }, folder);
};

describe("what is known of a build before it is made", () => {
  it("is the commit, while all of its files are committed, from any folder of the project", async () => {
    file("Dockerfile", "FROM scratch\n");
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "one");
    const commit = git("rev-parse", "--short", "HEAD");
    expect(await facts()).toMatchObject({ version: commit, uncommitted: { first: [], count: 0 } });
    expect(await facts({}, join(project, "below"))).toEqual(await facts());
    file("Pulumi.production.yaml", "config: {}\n");
    expect(await facts()).toMatchObject({ version: commit, uncommitted: { first: [], count: 0 } });
  });

  it("names the files that are not committed: changed, new and removed ones", async () => {
    for (const name of ["Dockerfile", "a", "b"]) file(name, "FROM scratch\n");
    file(".dockerignore", "docs\n");
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "one");
    file("a", "changed");
    file("new", "x");
    rmSync(join(project, "b"));
    mkdirSync(join(project, "docs"));
    file("docs/ignored", "x");
    const { version, uncommitted } = (await facts()) ?? {};
    expect(uncommitted).toEqual({ first: ["a", "b", "new"], count: 3 });
    expect(version).toMatch(new RegExp(`^${git("rev-parse", "--short", "HEAD")}-[0-9a-f]{8}$`));
  });

  it("is the commit with clean, whatever else is in the folder, unless that is refused", async () => {
    file("Dockerfile", "FROM scratch\n");
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "one");
    const before = await facts({ clean: true });
    expect(before).toMatchObject({ version: git("rev-parse", "--short", "HEAD"), uncommitted: { count: 0 } });
    file("new", "x");
    const { content, version, uncommitted } = (await facts({ clean: "commit" })) ?? {};
    expect([content, version]).toEqual([before?.content, before?.version]);
    expect(uncommitted).toEqual({ first: ["new"], count: 1 });
    await expect(facts({ clean: true })).rejects.toThrow(/1 file of the context is not\n {2}\| new\n[\s\S]*BUILD_NOT_COMMITTED/);
    rmSync(join(project, ".git"), { recursive: true });
    await expect(facts({ clean: "commit" })).rejects.toThrow(/none exists in the project's folder/);
  });

  it("is a hash of the content without git, and what a variable says before all", async () => {
    file("Dockerfile", "FROM scratch\n");
    const { version = "", content = "" } = (await facts()) ?? {};
    expect(content.startsWith(version)).toBe(true);
    vi.stubEnv("SLIPWAY_VERSION", "1.4.2");
    expect(await facts()).toMatchObject({ version: "1.4.2" });
    vi.stubEnv("SLIPWAY_VERSION", "not a version");
    await expect(facts()).rejects.toThrow(/the variable SLIPWAY_VERSION is not a valid name of a release/);
  });

  it("has what has changed since the last build on this machine", async () => {
    file("Dockerfile", "FROM scratch\n");
    const last = contentOf(new Map([["gone", "file 644 x"]]));
    rememberBuild({ project, service: "shop", destination: "production" }, last);
    expect(await facts()).toMatchObject({ changed: { since: last.hash, first: ["Dockerfile", "below", "gone"], count: 3 } });
  });

  it("is refused where there is no Dockerfile, or no folder", async () => {
    await expect(facts()).rejects.toThrow(
      /builds from Dockerfile, which does not exist[\s\S]*write a Dockerfile in the project's folder/,
    );
    await expect(facts({ context: "missing" })).rejects.toThrow(
      /builds from missing, which does not exist[\s\S]*slipway:builder\.context/,
    );
  });

  it("is refused where a file of the context cannot be read", () => {
    const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", path: "/shop/data/db" });
    expect(String(unreadable(denied, "/shop"))).toMatch(
      /cannot read data\/db, which is a part of the context[\s\S]*add data\/db to \.dockerignore/,
    );
    expect(unreadable(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }), "/shop")).toBeUndefined();
  });
});
