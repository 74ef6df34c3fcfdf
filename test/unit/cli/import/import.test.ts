import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type ImportRequest, importKamal } from "../../../../cli/import/run.ts";
import { screenOf } from "../../../../cli/import/screen.ts";
import { aProject } from "../../config/fixture.ts";

const BASE = `service: shop
image: acme/shop
servers:
  web: [203.0.113.10]
proxy: { host: shop.example.com, ssl: true }
registry:
  server: ghcr.io
  username: acme
  password: [KAMAL_REGISTRY_PASSWORD]
builder: { arch: amd64 }
env:
  clear: { DB_HOST: shop-db }
  secret: [RAILS_MASTER_KEY]
accessories:
  db:
    image: postgres:17
    host: 203.0.113.10
    env: { secret: [POSTGRES_PASSWORD] }
    files: [db/init.sql:/docker-entrypoint-initdb.d/init.sql]
    directories: [data:/var/lib/postgresql/data]
aliases:
  console: app exec -i --reuse "bin/rails console"
`;
const APP = {
  "config/deploy.yml": BASE,
  ".kamal/secrets":
    "KAMAL_REGISTRY_PASSWORD=$(gh auth token)\nRAILS_MASTER_KEY=$(cat config/master.key)\nPOSTGRES_PASSWORD=hunter2\n",
  "db/init.sql": "create table a (b int);\n",
};
const STAGING = {
  "config/deploy.staging.yml": "proxy: { host: staging.example.com }\n",
  ".kamal/secrets.staging": "RAILS_MASTER_KEY=$X\n",
};

const request = (folder: string, changes: Partial<ImportRequest> = {}): ImportRequest => ({
  folder,
  config: "config/deploy.yml",
  destination: undefined,
  out: "deploy",
  ...changes,
});

describe("slipway import", () => {
  it("writes a project of which Slipway takes every value, with the files that it names", () => {
    using app = aProject(APP);
    const report = importKamal(request(app.root));
    expect(report.stacks.map(({ stack, destination, counts }) => [stack, destination, counts["needs you"]])).toEqual([
      ["production", null, 0],
    ]);
    expect(report.written.toSorted()).toEqual([
      ".gitignore",
      "Pulumi.production.yaml",
      "Pulumi.yaml",
      "db/init.sql",
      "package.json",
    ]);
    expect(readFileSync(join(app.root, "deploy/db/init.sql"), "utf8")).toBe(APP["db/init.sql"]);
    expect(readFileSync(join(app.root, "deploy/Pulumi.yaml"), "utf8")).toContain(
      "name: shop\nmain: node_modules/slipway/program.js\n",
    );
    const stack = readFileSync(join(app.root, "deploy/Pulumi.production.yaml"), "utf8");
    expect(stack).toContain("slipway:aliases:\n    console: exec -i --reuse -- bin/rails console\n");
    expect(stack).not.toContain("hunter2");
  });

  it("prints the verdict first, and ends with the takeover's plan", () => {
    using app = aProject(APP);
    const lines = stripVTControlCharacters(screenOf(importKamal(request(app.root)))).split("\n");
    expect(lines[0]).toBe("shop   ✓ imported: 1 stack in deploy/ (5 files)");
    expect(lines.join("\n")).toContain("config/deploy.yml:12  env.clear.DB_HOST");
    expect(lines.find((line) => line.includes(".kamal/secrets:1"))).toMatch(
      /3 secrets are read there in each run, by slipway:secrets_from/,
    );
    expect(readFileSync(join(app.root, "deploy/Pulumi.production.yaml"), "utf8")).toContain(
      "  slipway:secrets_from:\n    - dotenv: ../.kamal/secrets\n      folder: ..\n",
    );
    expect(lines.at(-2)).toMatch(/^ {2}npx slipway pulumi preview +the takeover's plan/);
    expect(lines.join("\n")).not.toContain("hunter2");
  });

  it("makes a stack for each destination, and says where two of them would have one database", () => {
    using app = aProject({ ...APP, ...STAGING });
    const { stacks } = importKamal(request(app.root));
    expect(stacks.map(({ stack, destination }) => [stack, destination])).toEqual([
      ["production", null],
      ["staging", "staging"],
    ]);
    const asked = stacks.map(({ findings }) => findings.filter(({ outcome }) => outcome === "needs you").map(({ says }) => says));
    expect(asked).toEqual([[], [expect.stringContaining("is the container shop-db of the stack production, too")]]);
    expect(readFileSync(join(app.root, "deploy/Pulumi.staging.yaml"), "utf8")).toContain("service: shop-db");
  });

  it.each([
    [
      "a base that Kamal deploys only with a destination",
      { ...APP, ...STAGING, "config/deploy.yml": `${BASE}require_destination: true\n` },
      ["staging"],
    ],
    [
      "a base without hosts",
      { ...APP, ...STAGING, "config/deploy.yml": BASE.replace("  web: [203.0.113.10]\n", "  web: { cmd: a }\n") },
      ["staging"],
    ],
    [
      "a destination called production",
      { ...APP, "config/deploy.production.yml": "proxy: { host: a.example.com }\n" },
      ["default", "production"],
    ],
  ])("has stacks of the right names for %s", (_, files, names) => {
    using app = aProject(files);
    expect(importKamal(request(app.root)).stacks.map(({ stack }) => stack)).toEqual(names);
  });

  it("imports one destination alone, and another file into another folder", () => {
    using app = aProject({ ...APP, ...STAGING, "config/other.yml": BASE });
    expect(importKamal(request(app.root, { destination: "staging" })).stacks.map(({ stack }) => stack)).toEqual(["staging"]);
    const other = importKamal(request(app.root, { config: "config/other.yml", out: "ops/slipway" }));
    expect(other).toMatchObject({ folder: "ops/slipway", toApp: "../.." });
    expect(readFileSync(join(app.root, "ops/slipway/Pulumi.production.yaml"), "utf8")).toContain("context: ../..");
  });

  it("overwrites no file, and writes nothing where a stack's file exists", () => {
    using app = aProject({ ...APP, "deploy/package.json": "{}", "deploy/db/init.sql": "mine" });
    const report = importKamal(request(app.root));
    expect(report.kept).toEqual(["package.json"]);
    expect(readFileSync(join(app.root, "deploy/package.json"), "utf8")).toBe("{}");
    expect(readFileSync(join(app.root, "deploy/db/init.sql"), "utf8")).toBe("mine");
    expect(() => importKamal(request(app.root))).toThrow("deploy/Pulumi.production.yaml exists already, and nothing was written");
  });

  it.each([
    ["no config", {}, undefined, "there is no file config/deploy.yml"],
    ["no such destination", APP, "eu", "there is no file config/deploy.eu.yml"],
    ["a file that is not YAML", { "config/deploy.yml": "service: shop\nimage: [\n" }, undefined, "config/deploy.yml:"],
  ])("writes nothing with %s", (_, files, destination, message) => {
    using app = aProject({ ...files, "README.md": "" });
    expect(() => importKamal(request(app.root, { destination }))).toThrow(message);
    expect(existsSync(join(app.root, "deploy"))).toBe(false);
  });

  it("leaves Kamal's files as they are", () => {
    using app = aProject({ ...APP, ...STAGING });
    importKamal(request(app.root));
    expect(readFileSync(join(app.root, "config/deploy.yml"), "utf8")).toBe(BASE);
    expect(readdirSync(join(app.root, ".kamal")).toSorted()).toEqual(["secrets", "secrets.staging"]);
  });

  it("asks for the packages that this version is tested with", () => {
    using app = aProject(APP);
    importKamal(request(app.root));
    const own = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../package.json"), "utf8"));
    const { dependencies } = JSON.parse(readFileSync(join(app.root, "deploy/package.json"), "utf8"));
    expect(dependencies).toEqual({ "@pulumi/pulumi": own.devDependencies["@pulumi/pulumi"], slipway: own.version });
  });
});
