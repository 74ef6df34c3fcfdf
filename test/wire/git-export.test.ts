import { execFileSync } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readCommit } from "../../builder/git/committed.ts";
import { exportCommit } from "../../builder/git/export.ts";
import { placeOf } from "../../builder/place.ts";
import { sourceOf } from "../../builder/source.ts";

let folder: string;
let repository: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-commit-"));
  repository = join(folder, "shop");
  await repo(repository, {
    Dockerfile: "FROM scratch\n",
    "src/app.js": "one",
    ".gitignore": ".env\n",
    ".dockerignore": "docs\n",
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const git = (at: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-C", at, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: {
      ...process.env,
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example.com",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example.com",
      GIT_COMMITTER_DATE: "2026-03-01T12:00:00Z",
    },
  }).trim();

async function write(at: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(at, name)), { recursive: true });
    await writeFile(join(at, name), content);
  }
}

async function repo(at: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(at, { recursive: true });
  git(at, "init", "--quiet");
  await write(at, files);
  commit(at);
}

function commit(at: string): void {
  git(at, "add", "--all");
  git(at, "commit", "--quiet", "--message", "x");
}

/** `vendor/lib`, with its repository where `git submodule` keeps it, and one in it. */
async function withSubmodule(): Promise<void> {
  const lib = join(repository, "vendor/lib");
  await repo(lib, { "lib.js": "one" });
  await repo(join(lib, "inner"), { "deep.js": "deep" });
  commit(lib);
  commit(repository);
  await mkdir(join(repository, ".git/modules"));
  await rename(join(lib, ".git"), join(repository, ".git/modules/lib"));
  await write(lib, { ".git": "gitdir: ../../.git/modules/lib\n" });
}

const placeIn = (context = ".", dockerfile?: string) =>
  placeOf({ context, ...(dockerfile === undefined ? {} : { dockerfile }) }, repository);
const contentOf = async (place = placeIn()) => (await readCommit(place)).content;
const pathsOf = async (place = placeIn()) => [...(await contentOf(place)).entries.keys()].sort();

/** What the builder would get. */
async function exported(place = placeIn()) {
  const to = join(folder, `export-${Math.random()}`);
  const { context, dockerfile } = await exportCommit(await readCommit(place), to);
  const files = (await readdir(context, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(context.length + 1))
    .sort();
  return { context, dockerfile, files, read: (path: string) => readFile(join(context, path), "utf8") };
}

describe("a build from the commit", () => {
  it("has what was committed, and nothing else: neither untracked nor ignored files, nor edits", async () => {
    await write(repository, { ".env": "SECRET=1", "untracked.js": "x", "src/app.js": "edited" });
    const { files, read } = await exported();
    expect(files).toEqual([".dockerignore", ".gitignore", "Dockerfile", "src/app.js"]);
    expect(await read("src/app.js")).toBe("one");
    expect(git(repository, "status", "--porcelain")).toBe("M src/app.js\n?? untracked.js");
  });

  it("is the same whatever lies in the folder, and another one after a commit", async () => {
    const { hash } = await contentOf();
    await write(repository, { ".env": "SECRET=1", "untracked.js": "x", "src/app.js": "two" });
    expect((await contentOf()).hash).toBe(hash);
    commit(repository);
    expect((await contentOf()).hash).not.toBe(hash);
  });

  it("is the same after a commit that changes nothing of the context", async () => {
    const { hash } = await contentOf();
    await write(repository, { "docs/page.md": "x", "Pulumi.yaml": "name: shop\n", "Pulumi.production.yaml": "config: {}\n" });
    commit(repository);
    expect((await contentOf()).hash).toBe(hash);
    expect((await exported()).files).not.toContain("docs/page.md");
  });

  it("is the same on every machine: permissions and times are those of the commit", async () => {
    await write(repository, { "run.sh": "#!/bin/sh\n" });
    execFileSync("chmod", ["755", join(repository, "run.sh")]);
    await symlink("src/app.js", join(repository, "link"));
    commit(repository);
    const umask = process.umask(0o077);
    try {
      const { context } = await exported();
      const at = async (path: string) => {
        const { mode, mtimeMs } = await lstat(join(context, path));
        return [(mode & 0o777).toString(8), new Date(mtimeMs).toISOString()];
      };
      const time = "2026-03-01T12:00:00.000Z";
      expect(await at("run.sh")).toEqual(["755", time]);
      expect(await at("Dockerfile")).toEqual(["644", time]);
      expect(await at("src")).toEqual(["755", time]);
      expect((await lstat(join(context, "link"))).isSymbolicLink()).toBe(true);
    } finally {
      process.umask(umask);
    }
  });

  it("has the line ends that the attributes of the commit ask for", async () => {
    await write(repository, { ".gitattributes": "*.txt text eol=crlf\n", "a/page.txt": "one\ntwo\n" });
    commit(repository);
    await rm(join(repository, ".gitattributes"));
    expect(await (await exported()).read("a/page.txt")).toBe("one\r\ntwo\r\n");
  });

  it("is ignored by .dockerignore as it was committed", async () => {
    await write(repository, { ".dockerignore": "src\n" });
    expect(await pathsOf()).toContain("src/app.js");
    commit(repository);
    expect(await pathsOf()).not.toContain("src/app.js");
  });

  it("takes a folder of the repository, with a Dockerfile beside it", async () => {
    await write(repository, { "docker/shop.Dockerfile": "FROM scratch\n" });
    commit(repository);
    const place = placeIn("src", "docker/shop.Dockerfile");
    expect(await pathsOf(place)).toEqual(["Dockerfile of the build", "app.js"]);
    const { files, dockerfile } = await exported(place);
    expect(files).toEqual(["app.js"]);
    expect(await readFile(dockerfile, "utf8")).toBe("FROM scratch\n");
  });

  it("has submodules at the commit that the repository has of them", async () => {
    await withSubmodule();
    await write(join(repository, "vendor/lib"), { "lib.js": "edited", "untracked.js": "x" });
    const { files, read } = await exported();
    expect(files.filter((file) => file.startsWith("vendor/"))).toEqual(["vendor/lib/inner/deep.js", "vendor/lib/lib.js"]);
    expect(await read("vendor/lib/lib.js")).toBe("one");
    expect((await sourceOf({ clean: "commit" }, placeIn())).uncommitted).toEqual(["vendor/lib"]);
  });

  it("is refused without a submodule, unless that is no part of the image", async () => {
    await withSubmodule();
    await rm(join(repository, ".git/modules"), { recursive: true });
    await rm(join(repository, "vendor/lib"), { recursive: true });
    await mkdir(join(repository, "vendor/lib"));
    await expect(contentOf()).rejects.toThrow(
      /vendor\/lib as a submodule at [0-9a-f]{12}, which is not on this machine.*git submodule update --init/s,
    );
    await write(repository, { ".dockerignore": "vendor\n" });
    commit(repository);
    expect(await pathsOf()).not.toContain("vendor/lib/lib.js");
  });

  it("is refused outside of a repository, and where the Dockerfile is not committed", async () => {
    await expect(contentOf(placeIn(".", "other.Dockerfile"))).rejects.toThrow("other.Dockerfile is not in it");
    await rm(join(repository, ".git"), { recursive: true });
    await expect(contentOf()).rejects.toThrow("builds a commit, and none exists in the project's folder");
  });
});

it("a build from the commit needs git, and says so", async () => {
  vi.stubEnv("PATH", folder);
  try {
    await expect(contentOf()).rejects.toThrow(/git is not on PATH.*TOOL_MISSING/s);
  } finally {
    vi.unstubAllEnvs();
  }
});

describe("what is not committed", () => {
  it("is refused by name with clean: true", async () => {
    await write(repository, { "src/app.js": "edited", "new.js": "x", ".env": "SECRET=1", "docs/page.md": "x" });
    await expect(sourceOf({ clean: true }, placeIn())).rejects.toThrow(
      /builds what is committed, and 2 files of the context are not\n {2}\| new\.js, src\/app\.js\n/,
    );
  });

  it("is named and left out with clean: commit", async () => {
    const before = await sourceOf({ clean: "commit" }, placeIn());
    await write(repository, { "src/app.js": "edited", "new.js": "x", ".env": "SECRET=1" });
    const { content, uncommitted } = await sourceOf({ clean: "commit" }, placeIn());
    expect(uncommitted).toEqual(["new.js", "src/app.js"]);
    expect(content.hash).toBe(before.content.hash);
  });

  it("is nothing where only files that are no part of the image differ", async () => {
    await write(repository, { ".env": "SECRET=1", "docs/page.md": "x" });
    const { uncommitted, commit: at } = await sourceOf({ clean: true }, placeIn());
    expect(uncommitted).toEqual([]);
    expect(at).toBe(git(repository, "rev-parse", "--short", "HEAD"));
  });

  it.each([undefined, "commit"] as const)("includes a Dockerfile outside of the context (clean: %s)", async (clean) => {
    await write(repository, { "docker/shop.Dockerfile": "FROM scratch\n" });
    commit(repository);
    await write(repository, { "docker/shop.Dockerfile": "FROM scratch\nCOPY app.js /\n" });
    const place = placeIn("src", "docker/shop.Dockerfile");
    expect((await sourceOf({ clean }, place)).uncommitted).toEqual(["../docker/shop.Dockerfile"]);
  });
});
