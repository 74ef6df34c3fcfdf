import fs, { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { declarationHash } from "../../../project/declaration-hash.ts";
import { aProject } from "../config/fixture.ts";

const PROJECT = {
  "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
  "Pulumi.production.yaml": "config: {}\n",
  "index.ts": 'import "node:os";\nimport { web } from "./servers/web.ts";\nexport { web };\n',
  "servers/web.ts": 'import pages from "../shared.json" with { type: "json" };\nexport const web = pages;\n',
  "shared.json": "{}\n",
};
type Files = Readonly<Record<string, string>>;

function write(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function hashOf(root: string, stack = "production"): string {
  const found = declarationHash(root, stack);
  if (found.kind === "unknown") throw new Error(found.because);
  return found.hash;
}

/** Whether the hash of a project changes with these files. */
function changes(project: Files, files: Files): boolean {
  using folder = aProject({ ...PROJECT, ...project });
  const before = hashOf(folder.root);
  write(folder.root, files);
  return hashOf(folder.root, "acme/shop/production") !== before;
}

const reasonFor = (project: Files): string => {
  using folder = aProject({ ...PROJECT, ...project });
  const found = declarationHash(folder.root, "production");
  return found.kind === "unknown" ? found.because : "";
};

describe("the hash of a declaration", () => {
  it.each([
    ["the program", "index.ts", "export const a = 1;\n"],
    ["a new file beside it", "more.ts", "\n"],
    ["a file that it imports", "servers/web.ts", "export const web = 2;\n"],
    ["a file that one of its files imports", "shared.json", "[]\n"],
    ["the project", "Pulumi.yaml", "name: shop2\n"],
    ["the stack's config", "Pulumi.production.yaml", "config: {a: 1}\n"],
    ["the lock file", "package-lock.json", "{}\n"],
    ["another package manager's lock file", "yarn.lock", "\n"],
    ["the manifest", "package.json", "{}\n"],
    ["its environment file", ".env", "A=1\n"],
  ])("changes with %s", (_what, file, text) => {
    expect(changes({}, { [file]: text })).toBe(true);
  });

  it.each([
    ["another stack's config", "Pulumi.staging.yaml"],
    ["a picture", "logo.png"],
    ["an editor's file", ".swp.ts"],
    ["a file of the app that the program does not import", "src/app.ts"],
    ["a file beside one that it imports", "servers/unused.ts"],
  ])("stays the same when %s changes", (_what, file) => {
    expect(changes({}, { [file]: "something" })).toBe(false);
  });

  it.each<[what: string, project: Files, changed: string]>([
    ["main: of Pulumi.yaml", { "Pulumi.yaml": "name: shop\nmain: infra/\n", "infra/index.js": "1" }, "infra/index.js"],
    [
      "main: with quotes",
      { "Pulumi.yaml": 'name: shop\nmain: "./infra/deploy.ts"\n', "infra/deploy.ts": "1" },
      "infra/deploy.ts",
    ],
    ["main of package.json", { "package.json": '{"main": "lib/a.js"}', "lib/a.js": "1" }, "lib/a.js"],
    ["nodeargs", { "Pulumi.yaml": "name: shop\nnodeargs: --import=./tool/hook.mjs\n", "tool/hook.mjs": "1" }, "tool/hook.mjs"],
    [
      "stackConfigDir",
      { "Pulumi.yaml": "name: shop\nstackConfigDir: st\n", "st/Pulumi.production.yaml": "1" },
      "st/Pulumi.production.yaml",
    ],
    ["an import without its ending", { "index.ts": 'import "./lib/a";', "lib/a.ts": "1" }, "lib/a.ts"],
    ["an import of .js that is .ts", { "index.ts": 'import "./lib/a.js";', "lib/a.ts": "1" }, "lib/a.ts"],
    ["an import of a folder", { "index.ts": 'export * from "./lib";', "lib/index.ts": "1" }, "lib/index.ts"],
    ["require", { "index.js": "const a = require('./lib/a');", "lib/a.cjs": "1" }, "lib/a.cjs"],
    ["import()", { "index.ts": "await import(`./lib/a.ts`);", "lib/a.ts": "1" }, "lib/a.ts"],
    ["a computed import", { "index.ts": "await import(`./lib/${name}.ts`);", "lib/a.ts": "1" }, "lib/a.ts"],
    ["a file that it reads", { "index.ts": 'readFileSync("conf/a.ini");', "conf/a.ini": "1" }, "conf/a.ini"],
    [
      "a folder that it reads",
      { "index.ts": 'import fs from "node:fs";\nfs.readdirSync("conf");', "conf/b/a.conf": "1" },
      "conf/b/a.conf",
    ],
    [
      "a joined path",
      { "index.ts": 'import "fs";\njoin(import.meta.dirname, "conf", name);', "conf/a.json": "1" },
      "conf/a.json",
    ],
  ])("follows %s", (_what, project, changed) => {
    expect(changes(project, { [changed]: "2" })).toBe(true);
  });

  it.each([
    "[{ dotenv: .env }]",
    "[{ dotenv: [common.env, '.env'] }, { env: true }]",
    "\n    - dotenv: .env\n      folder: app",
    "\n    - dotenv:\n        - common.env\n        - .env\n",
    '[{"dotenv":".env"}]',
  ])("has nothing of a file whose values are secrets: %j", (sources) => {
    const config = { "Pulumi.production.yaml": `config:\n  slipway:secrets_from: ${sources}\n  slipway:x: other.txt\n` };
    expect(changes({ ...config, ".env": "A=1" }, { ".env": "A=2" })).toBe(false);
    expect(changes({ ...config, "other.txt": "1" }, { "other.txt": "2" })).toBe(true);
    expect(changes({ ".env": "A=1" }, { ".env": "A=2" })).toBe(true);
  });

  it("follows an import into a linked folder, and links that lead into a circle", () => {
    using elsewhere = aProject({ "index.ts": "1" });
    using folder = aProject({ ...PROJECT, "index.ts": 'import "fs";\nimport "./shared/index.ts";\nread("circle");\n' });
    symlinkSync(elsewhere.root, join(folder.root, "shared"));
    symlinkSync(folder.root, join(folder.root, "circle"));
    symlinkSync(join(folder.root, "nowhere"), join(folder.root, "dangling.ts"));
    const before = hashOf(folder.root);
    write(elsewhere.root, { "index.ts": "2" });
    expect(hashOf(folder.root)).not.toBe(before);
  });

  it("reads a package that is linked, as in a workspace, and leaves one that is installed to the lock file", () => {
    using folder = aProject({
      ...PROJECT,
      "index.ts": 'import { a } from "@acme/shared/a";\nimport b from "left-pad";\n',
      "packages/shared/lib/a.ts": "1",
      "node_modules/left-pad/index.js": "1",
    });
    mkdirSync(join(folder.root, "node_modules/@acme"));
    symlinkSync(join(folder.root, "packages/shared"), join(folder.root, "node_modules/@acme/shared"));
    const before = hashOf(folder.root);
    write(folder.root, { "node_modules/left-pad/index.js": "2" });
    expect(hashOf(folder.root)).toBe(before);
    write(folder.root, { "packages/shared/lib/a.ts": "2" });
    expect(hashOf(folder.root)).not.toBe(before);
  });

  it("is unknown without a project, for an import that cannot be followed, and for a folder that is too large", () => {
    expect(declarationHash(tmpdir(), "production")).toEqual({
      kind: "unknown",
      because: `there is no Pulumi.yaml in ${tmpdir()} or above it`,
    });
    expect(reasonFor({ "index.ts": '// from "nowhere"\nimport "@/lib/a";' })).toBe(
      "the program imports @/lib/a, which is not a file or an installed package",
    );
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`src/${at}.ts`, ""]));
    expect(reasonFor({ ...many, "index.ts": 'fs.readdirSync("src");' })).toMatch(/a folder with more than 1000 files: .*src$/);
  });

  it("does not look at the files around the program, however many they are", () => {
    const app = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`src/${at % 20}/${at}.ts`, `import "./${at + 1}.ts";`]),
    );
    using small = aProject({ ...PROJECT, "src/app.ts": "" });
    using large = aProject({ ...PROJECT, ...app });
    expect(callsDuring(() => hashOf(large.root))).toEqual(callsDuring(() => hashOf(small.root)));
  });
});

/** How often the file system is asked. */
function callsDuring(work: () => void): Readonly<Record<string, number>> {
  const names = ["readdirSync", "readFileSync", "statSync", "existsSync", "realpathSync"] as const;
  const [real, calls]: [Record<string, unknown>, Record<string, number>] = [{}, {}];
  for (const name of names) {
    const own = fs[name];
    real[name] = own;
    calls[name] = 0;
    const counted = (...args: unknown[]): unknown => {
      calls[name] = (calls[name] ?? 0) + 1;
      return Reflect.apply(own, fs, args);
    };
    Object.assign(fs, { [name]: counted });
  }
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
  return calls;
}

describe("the files that a stack's config names", () => {
  const stack = (files: string) => `config:\n  slipway:accessories:\n    db:\n      image: postgres\n      files: ${files}\n`;

  it.each([
    ["[db/pg_hba:/etc/pg_hba]", "db/pg_hba"],
    ["['db/my.cnf:/etc/my.cnf']", "db/my.cnf"],
    ["\n        - local: docs/init.sql\n          remote: /init.sql", "docs/init.sql"],
    ['\n        - "db/a b.conf:/etc/a.conf"', "db/a b.conf"],
    ["\n        - db/a b.conf:/etc/a.conf", "db/a b.conf"],
  ])("are part of the hash: %j", (files, path) => {
    expect(changes({ "Pulumi.production.yaml": stack(files), [path]: "1" }, { [path]: "2" })).toBe(true);
  });

  it("include the error pages of a folder, and nothing else in it", () => {
    const project = { "Pulumi.production.yaml": "config:\n  slipway:error_pages: public\n", "public/503.html": "1" };
    expect(changes(project, { "public/503.html": "2" })).toBe(true);
    expect(changes(project, { "public/app.html": "2" })).toBe(false);
  });

  it.each([
    ["[../db/my.cnf:/etc/my.cnf]", "../db/my.cnf"],
    ["\n        - local: ../../init.sql\n          remote: /init.sql", "../../init.sql"],
    ["[ABOVE/db/my.cnf:/etc/my.cnf]", "../db/my.cnf"],
    ["\n        - local: ABOVE/a b.sql\n          remote: /init.sql", "../a b.sql"],
  ])("are part of the hash outside of the project, too: %j", (files, path) => {
    using around = aProject({});
    const root = join(around.root, "apps", "deploy");
    write(root, { ...PROJECT, "Pulumi.production.yaml": stack(files.replace("ABOVE", dirname(root))), [path]: "1" });
    const before = hashOf(root);
    write(root, { [path]: "2" });
    expect(hashOf(root)).not.toBe(before);
  });

  it("include error pages outside of the project", () => {
    using around = aProject({ "public/503.html": "1" });
    const root = join(around.root, "deploy");
    write(root, { ...PROJECT, "Pulumi.production.yaml": "config:\n  slipway:error_pages_path: ../public\n" });
    const before = hashOf(root);
    write(around.root, { "public/503.html": "2" });
    expect(hashOf(root)).not.toBe(before);
  });

  it("may be missing, or no file", () => {
    using project = aProject({
      ...PROJECT,
      "Pulumi.production.yaml": stack(`[db:/a, ../x:/b, ${"x".repeat(5000)}]`),
      "db/a": "1",
    });
    symlinkSync(join(project.root, "nowhere"), join(project.root, "postgres"));
    expect(hashOf(project.root)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the hash of a declaration in Kamal's file", () => {
  const STACK = "config:\n  slipway:deploy_file: config/deploy.yml\n";
  const DEPLOY = "service: shop\nimage: a\nservers: [203.0.113.10]\nenv: { clear: { A: b } }\n";
  const kamals = { "Pulumi.production.yaml": STACK, "config/deploy.yml": DEPLOY };

  it("covers it, and what it is made of", () => {
    expect(changes(kamals, {})).toBe(false);
    expect(changes(kamals, { "config/deploy.yml": DEPLOY.replace("A: b", "A: c") })).toBe(true);
    expect(changes(kamals, { "config/deploy.production.yml": "env: { clear: { A: c } }\n" })).toBe(true);
    const read = {
      ...kamals,
      "config/deploy.yml": DEPLOY.replace("A: b", 'A: "<%= File.read(".ruby-version").strip %>"'),
      ".ruby-version": "3\n",
    };
    expect(changes(read, { ".ruby-version": "4\n" })).toBe(true);
    const file = {
      ...kamals,
      "config/deploy.yml": `${DEPLOY}accessories:\n  db: { image: a, host: 203.0.113.10, files: [db/init.sql:/a] }\n`,
      "db/init.sql": "1",
    };
    expect(changes(file, { "db/init.sql": "2" })).toBe(true);
  });

  it("is unknown where a secret comes from the environment, whose value is in no hash, or where it cannot be read", () => {
    process.env.SLIPWAY_TEST_TOKEN = "t0ken";
    const secret = DEPLOY.replace("A: b", 'TOKEN: "<%= ENV["SLIPWAY_TEST_TOKEN"] %>"');
    expect(reasonFor({ ...kamals, "config/deploy.yml": secret })).toBe("config/deploy.yml has secrets from the environment");
    delete process.env.SLIPWAY_TEST_TOKEN;
    expect(reasonFor({ ...kamals, "config/deploy.yml": "a: [" })).toContain("is not YAML");
  });
});
