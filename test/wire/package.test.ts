import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPackage, DIST, REPORT } from "../../tools/package.ts";
import { withPulumi } from "../../tools/pulumi/environment.ts";
import { ensurePulumi } from "../../tools/pulumi/index.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";

/** A user's project with the package installed, as npm lays it out. */
let folder: string;
let report: string;

beforeAll(async () => {
  report = await readFile(REPORT, "utf8");
  await buildPackage();
  folder = await mkdtemp(join(tmpdir(), "slipway-package-"));
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  await cp(DIST, join(modules, "slipway"), { recursive: true });
  const manifest = JSON.parse(await readFile(join(DIST, "package.json"), "utf8"));
  const needed = [...Object.keys(manifest.dependencies), "@pulumi/pulumi", "@types/node", "typescript"];
  for (const name of needed) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import * as slipway from "slipway";
const key = new slipway.HostKey("web-1");
const web = new slipway.Server("web-1", { address: pulumi.output("203.0.113.10"), hostKey: key.publicKey });
const shop = new slipway.App("shop", {
  image: "ghcr.io/acme/shop:1.4.2",
  servers: { web: [web], worker: { hosts: [{ server: web, tags: ["eu"] }], cmd: "bin/jobs" } },
  proxy: { host: "shop.example.com", ssl: true },
  env: { clear: { LOG_LEVEL: "info" }, secret: { DATABASE_URL: key.privateKey }, tags: { eu: { REGION: "eu" } } },
  accessories: { cache: { image: "redis:8.0", host: web } },
});
const db = new slipway.Accessory("db", { server: web, image: "postgres:17.2", env: { secret: { POSTGRES_PASSWORD: key.privateKey } } });
const ssh = new slipway.Hardening("db-1", { address: "203.0.113.20", harden: { user: "ship" } });
new slipway.Firewall("db-1", { ...ssh.connection, allow: [{ port: 5432, from: ["10.0.0.0/16"] }] });
export const { urls, release } = shop;
export const url = db.url;
`;

/**
 * Of a project that Pulumi's own template makes, of one whose program Node.js runs as it is, of one with CommonJS whose compiler reads `exports`,
 * and of one that is bundled: the ways in which a compiler looks for the types.
 */
const SETTINGS = {
  commonjs: { module: "commonjs", moduleResolution: "node10", target: "es2020", ignoreDeprecations: "6.0" },
  esm: { module: "nodenext", moduleResolution: "nodenext", target: "es2024", verbatimModuleSyntax: true },
  "commonjs nodenext": { module: "nodenext", moduleResolution: "nodenext", target: "es2024" },
  "esm bundled": { module: "esnext", moduleResolution: "bundler", target: "es2024" },
} as const;
const KINDS = ["commonjs", "esm", "commonjs nodenext", "esm bundled"] as const;

/** What the compiler says of a program, and of a second file of it. */
async function compiled(kind: keyof typeof SETTINGS, program: string, types = ""): Promise<string> {
  const project = join(folder, kind);
  await mkdir(project, { recursive: true });
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "program", type: kind.startsWith("esm") ? "module" : "commonjs" }),
  );
  const compilerOptions = { ...SETTINGS[kind], strict: true, noEmit: true, types: ["node"] };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts", "types.ts"] }));
  await writeFile(join(project, "index.ts"), program);
  await writeFile(join(project, "types.ts"), types);
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", project]).catch((failed: { stdout: string }) => failed);
  return stdout;
}

/** The names that declarations export at their end. */
const exportedFrom = (declarations: string): string[] =>
  [...declarations.matchAll(/^export (?:type )?\{(?<list>.*)\};$/gm)]
    .flatMap(({ groups }) => groups?.list?.split(",") ?? [])
    .map((name) => name.trim().replace(/^.* as /, ""));

/** As a type; that of a function begins with a small letter. */
const used = (name: string): string => (/^[a-z]/.test(name) ? `typeof ${name}` : name);

describe("the package", () => {
  it("has no source that Node.js would refuse to run from node_modules, and declarations of what it exports alone", async () => {
    const { stdout } = await run("find", [DIST, "-name", "*.ts"]);
    expect(stdout.trim().split("\n")).toEqual([join(DIST, "components", "index.d.ts")]);
  });

  it("has the types that were reviewed: docs/api.d.ts, which npm run package writes", async () => {
    expect(await readFile(REPORT, "utf8")).toBe(report);
  });

  it("is packed so that publint finds nothing to improve", async () => {
    const { messages, pkg } = await publint({ pkgDir: DIST, pack: "npm", strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it.each(KINDS)(
    "compiles in a %s program with strict settings, each of its types as well, and libraries checked",
    async (kind) => {
      const names = exportedFrom(report);
      expect(names).toEqual(expect.arrayContaining(["App", "AppArgs", "Server", "ServerArgs"]));
      const types = `import type { ${names.join(", ")} } from "slipway";\nexport type Used = [${names.map(used).join(", ")}];\n`;
      expect(await compiled(kind, PROGRAM, types)).toBe("");
    },
  );

  it("refuses wrong arguments when a program is compiled", async () => {
    const wrong = `import * as slipway from "slipway";
const web = new slipway.Server("web-1", { address: "203.0.113.10" });
new slipway.App("a", { image: "x", servers: web, prxoy: {} });
new slipway.App("a", { image: "x", servers: "web" });
new slipway.App("a", { image: "x", servers: web, deployTimeout: "30" });
new slipway.App("a", { image: 5, servers: web });
new slipway.Server("web-1", {});
`;
    const said = await compiled("esm", wrong);
    expect(said.split("\n").flatMap((line) => /index\.ts\((\d+)/.exec(line)?.[1] ?? [])).toEqual(["3", "4", "5", "6", "7"]);
  });

  it.each([
    ["an ES module", "index.mjs", 'import * as slipway from "slipway"; console.log(typeof slipway.App);'],
    ["CommonJS", "index.cjs", 'console.log(typeof require("slipway").App);'],
    [
      "the text in the state",
      "state.cjs",
      'console.log(typeof require("node:module").createRequire(process.cwd() + "/")("slipway/provider").release.check);',
    ],
  ])("is loaded by %s", async (_, file, text) => {
    await writeFile(join(folder, file), text);
    expect(await run(process.execPath, [file], { cwd: folder })).toEqual({ stdout: "function\n", stderr: "" });
  });

  it("has init, which makes a project of a folder whose plan can be asked for, and add, which edits its stack", async () => {
    const place = await mkdtemp(join(tmpdir(), "slipway-init-"));
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:PULUMI|SLIPWAY|npm)_/.test(name))),
      ...withPulumi(await ensurePulumi()),
      HOME: join(place, "home"),
      PULUMI_HOME: join(place, "home", ".pulumi"),
      SSH_AUTH_SOCK: "",
    };
    const project = join(place, "shop");
    await mkdir(project);
    await mkdir(env.HOME);
    const bin = join(folder, "node_modules", "slipway", "cli", "main.js");
    const slipway = (...args: string[]) =>
      run(process.execPath, [bin, ...args], { cwd: project, env }).catch((failed: { stdout: string; stderr: string }) => failed);
    try {
      const image = `ghcr.io/acme/shop@sha256:${"0".repeat(64)}`;
      const answers = ["--host", "deploy@127.0.0.1:1", "--accept-host-key", KEY, "--image", image, "--app-port", "3000"];
      const { stdout, stderr } = await slipway("init", "--yes", ...answers);
      expect(stdout, stderr).toContain("shop   ✓ stack production on deploy@127.0.0.1, in this folder");
      // What npm install would do.
      await symlink(join(folder, "node_modules"), join(project, "node_modules"));
      // The passphrase is found, and so is the stack, without a question.
      const added = await slipway("add", "postgres", "--yes");
      expect(added.stdout, added.stderr).toContain("✓ written to Pulumi.production.yaml");
      const shown = await slipway("pulumi", "config", "get", "--path", "slipway:secrets.POSTGRES_PASSWORD");
      expect(shown.stdout.trim()).toMatch(/^[\w-]{32}$/);
      expect(await readFile(join(project, "Pulumi.production.yaml"), "utf8")).not.toContain(shown.stdout.trim());
      const planned = await slipway("deploy", "--preview");
      // The program has read the whole config: what is left is the server, which is not there.
      expect(planned.stdout + planned.stderr).not.toContain("CONFIG_INVALID");
      expect(planned.stdout + planned.stderr).toContain("127.0.0.1:1 refused the connection");
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }, 300_000);

  it("has the command, which helps without a project", async () => {
    const bin = join(folder, "node_modules", "slipway", "cli", "main.js");
    expect((await run(bin, ["--help"], { cwd: tmpdir() })).stdout).toContain("Usage: slipway");
  });
});
