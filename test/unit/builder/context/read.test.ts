import { chmod, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changedPaths } from "../../../../builder/context/content.ts";
import { ContextMemory } from "../../../../builder/context/memory.ts";
import { readContext } from "../../../../builder/context/read.ts";

let folder: string;
let cache: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-context-"));
  cache = join(folder, "..", `${folder}-cache`);
  await files({ Dockerfile: "FROM scratch\nCOPY . /\n", "src/app.js": "one", "src/lib/b.js": "two" });
});
afterEach(async () => {
  await Promise.all([folder, cache].map((path) => rm(path, { recursive: true, force: true })));
});

async function files(named: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(named)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const read = (dockerfile = join(folder, "Dockerfile"), project = folder) =>
  readContext({ context: folder, dockerfile, project }, ContextMemory.of({ context: folder, dockerfile }, cache));
const paths = () => [...read().entries.keys()].sort();

describe("the content of a build", () => {
  it("is every file and folder, and the same on a second read", () => {
    expect(paths()).toEqual(["Dockerfile", "src", "src/app.js", "src/lib", "src/lib/b.js"]);
    expect(read().hash).toBe(read().hash);
  });

  it.each([
    ["a file's content", () => files({ "src/app.js": "ONE" }), ["src/app.js"]],
    ["a new file", () => files({ "src/new.js": "" }), ["src/new.js"]],
    ["a file that is gone", () => rm(join(folder, "src/lib"), { recursive: true }), ["src/lib", "src/lib/b.js"]],
    ["that a file can be run", () => chmod(join(folder, "src/app.js"), 0o755), ["src/app.js"]],
    ["that no one else may read it", () => chmod(join(folder, "src/app.js"), 0o600), ["src/app.js"]],
    ["the Dockerfile", () => files({ Dockerfile: "FROM scratch" }), ["Dockerfile"]],
    ["where a link leads to", () => symlink("app.js", join(folder, "src/link")), ["src/link"]],
  ])("changes with %s", async (_, change, changed) => {
    const before = read();
    await change();
    const after = read();
    expect(after.hash).not.toBe(before.hash);
    expect(changedPaths(before.entries, after.entries)).toEqual(changed);
  });

  it.each([
    ["times", () => utimes(join(folder, "src/app.js"), 1, 1)],
    ["the umask of the user who checked it out", () => chmod(join(folder, "src/app.js"), 0o664)],
    [
      "what Pulumi keeps in the project",
      () => files({ ".pulumi/state/x.json": "{}", "Pulumi.yaml": "", "Pulumi.production.yaml": "" }),
    ],
    ["what git does", () => files({ ".git/HEAD": "ref: refs/heads/main", ".git/index": "…" })],
  ])("does not change with %s", async (_, change) => {
    await chmod(join(folder, "src/app.js"), 0o644);
    const before = read();
    await change();
    expect(read().hash).toBe(before.hash);
  });

  it("has a Dockerfile that lies outside of the context, or is ignored", async () => {
    await files({ ".dockerignore": "Dockerfile*\n" });
    const before = read();
    await files({ Dockerfile: "FROM other" });
    expect(changedPaths(before.entries, read().entries)).toEqual(["Dockerfile of the build"]);
  });

  it("has what a Dockerfile that is a link leads to", async () => {
    await files({ "docker/Dockerfile": "FROM one" });
    await rm(join(folder, "Dockerfile"));
    await symlink("docker/Dockerfile", join(folder, "Dockerfile"));
    await files({ ".dockerignore": "docker" });
    const before = read();
    await files({ "docker/Dockerfile": "FROM two" });
    expect(changedPaths(before.entries, read().entries)).toEqual(["Dockerfile of the build"]);
  });

  it("leaves out what .dockerignore names, and takes back what it excepts", async () => {
    await files({
      ".dockerignore": "# comment\nnode_modules\n**/*.log\n!src/keep.log\n/docs\n",
      "node_modules/zod/index.js": "",
      "src/a.log": "",
      "src/keep.log": "",
      "docs/index.md": "",
      "src/docs/index.md": "",
    });
    expect(paths()).toEqual([
      ".dockerignore",
      "Dockerfile",
      "src",
      "src/app.js",
      "src/docs",
      "src/docs/index.md",
      "src/keep.log",
      "src/lib",
      "src/lib/b.js",
    ]);
  });

  it("has what git keeps where that is taken back", async () => {
    await files({ ".dockerignore": "!.git\n", ".git/HEAD": "ref: refs/heads/main" });
    expect(paths()).toContain(".git/HEAD");
  });

  it("leaves out the files of a deployment below it, and no others of their names", async () => {
    await files({ "deploy/Pulumi.yaml": "", "deploy/Pulumi.production.yaml": "", "deploy/.pulumi/x": "", "Pulumi.yaml": "" });
    await files({ "deploy/node_modules/slipway/x.js": "", "node_modules/x.js": "" });
    const own = join(folder, "Dockerfile");
    const found = [...read(own, join(folder, "deploy")).entries.keys()].filter((path) => /ulumi/.test(path));
    expect(found).toEqual(["Pulumi.yaml"]);
    expect([...read(own, join(folder, "deploy")).entries.keys()].filter((path) => path.endsWith("x.js"))).toEqual([
      "node_modules/x.js",
    ]);
    expect([...read(own, join(folder, "..")).entries.keys()]).toContain("deploy/Pulumi.yaml");
  });

  it("leaves out the stacks' files where Pulumi.yaml says that they are", async () => {
    await files({
      "Pulumi.yaml": "name: shop\nstackConfigDir: stacks\n",
      "stacks/Pulumi.production.yaml": "",
      "stacks/other.yaml": "",
    });
    expect(paths().filter((path) => path.startsWith("stacks/"))).toEqual(["stacks/other.yaml"]);
  });

  it("goes by the .dockerignore of its Dockerfile, if that has one", async () => {
    await files({ ".dockerignore": "src\n", "docker/web.Dockerfile": "", "docker/web.Dockerfile.dockerignore": "docker\n" });
    const entries = [...read(join(folder, "docker/web.Dockerfile")).entries.keys()];
    expect(entries).toContain("src/app.js");
    expect(entries).not.toContain("docker");
  });

  it("is not read again while it has not changed", async () => {
    await settled();
    const before = read();
    const [remembered = ""] = await Promise.all([readFile(fileOfMemory(), "utf8")]);
    await writeFile(fileOfMemory(), remembered.replace(/file 644 [0-9a-f]{64}/, "file 644 known"));
    expect(read().hash).not.toBe(before.hash);
    await rm(fileOfMemory());
    expect(read().hash).toBe(before.hash);
  });

  it("is read again where what is remembered is damaged", async () => {
    const before = read();
    await mkdir(dirname(fileOfMemory()), { recursive: true });
    await writeFile(fileOfMemory(), '{"src/app.js": [1], "Dockerfile": ');
    expect(read().hash).toBe(before.hash);
  });

  it("is remembered for each Dockerfile that leaves out something else", async () => {
    await files({ "docker/web.Dockerfile": "", "docker/web.Dockerfile.dockerignore": "src\n" });
    const web = join(folder, "docker/web.Dockerfile");
    await settled();
    read();
    const remembered = await readFile(fileOfMemory(), "utf8");
    expect(remembered).toContain("src/app.js");
    read(web);
    expect(await readFile(fileOfMemory(), "utf8")).toBe(remembered);
    expect(await readFile(fileOfMemory(web), "utf8")).not.toContain("src/app.js");
  });

  const fileOfMemory = (dockerfile = join(folder, "Dockerfile")) =>
    ContextMemory.fileOf({ context: folder, dockerfile }, cache).path;

  /** Only what was settled when it was read is remembered. */
  const settled = async () => {
    for (const name of ["Dockerfile", "src/app.js", "src/lib/b.js"]) await utimes(join(folder, name), 1, 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
  };
});
