import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { compileCacheFolder } from "../../cli/engine/environment.ts";

const MAIN = join(import.meta.dirname, "..", "..", "cli", "main.ts");

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-cli-"));
  env = { PATH: "", HOME: folder, PULUMI_HOME: join(folder, ".pulumi"), NODE_COMPILE_CACHE: compileCacheFolder() };
  // Printed at the end of the process: the CommonJS modules that it loaded.
  const watch = `process.on("exit", () => console.error("loaded " + Object.keys(require.cache).join(" ")));`;
  await writeFile(join(folder, "watch.cjs"), watch);
});
afterEach(async () => {
  delete env.PULUMI_STACK;
  await rm(join(folder, "Pulumi.yaml"), { force: true });
});
afterAll(() => rm(folder, { recursive: true }));

/** A project in that folder, with two stacks and these aliases in the one that is chosen by PULUMI_STACK. */
async function writeProject(aliases: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  await writeFile(join(folder, "Pulumi.production.yaml"), JSON.stringify({ config: { "slipway:aliases": aliases } }));
  await writeFile(join(folder, "Pulumi.other.yaml"), JSON.stringify({ config: { "slipway:aliases": { port: "docs service" } } }));
  env.PULUMI_STACK = "production";
}

/** One `slipway` process in a folder without a project, on a machine without Pulumi. */
function slipway(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const argv = ["--require", join(folder, "watch.cjs"), MAIN, ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { cwd: folder, env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("the command line", () => {
  it("lists its commands", async () => {
    const { code, stdout } = await slipway("--help");
    expect(code).toBe(0);
    for (const name of [
      "status",
      "logs",
      "exec",
      "restart",
      "stop",
      "proxy",
      "server",
      "accessory",
      "tunnel",
      "pulumi",
      "install",
    ])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  it.each(["status", "logs", "exec", "tunnel", "restart", "stop"])(
    "explains %s without loading what only its work needs",
    async (name) => {
      const { code, stdout, stderr } = await slipway(name, "--help");
      expect(code).toBe(0);
      expect(stdout).toContain("--stack <name>");
      expect(stderr).toContain("/commander/");
      for (const heavy of ["ssh2", "dockerode"]) expect(stderr).not.toContain(`/node_modules/${heavy}/`);
    },
  );

  it.each([
    [["staus"], "(Did you mean status?)"],
    [["logs", "--folow"], "(Did you mean --follow?)"],
    [["logs", "--since", "yesterday"], "10m"],
  ])("refuses %j with code 2 and says what was meant", async (args, meant) => {
    const { code, stdout, stderr } = await slipway(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(meant);
  });

  it("takes an alias of the stack for a command, and its further arguments", async () => {
    await writeProject({ key: "docs", port: "key proxy.app_port" });
    for (const args of [["port"], ["key", "proxy.app_port"], ["-C", folder, "port"]] as const) {
      const { code, stdout, stderr } = await slipway(...args);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^slipway:proxy\.app_port\n/);
    }
    expect(JSON.parse((await slipway("port", "-s", "other", "--json")).stdout)).toMatchObject({ key: { path: "service" } });
    const unknown = await slipway("portt");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/unknown command: portt \(Did you mean port\?\)\n {2}\| aliases of this stack: key, port\n/);
  });

  it("does not read the config for a command that exists, even if its aliases are wrong", async () => {
    await writeProject({ docs: "status" });
    expect((await slipway("docs", "service")).code).toBe(0);
    const { code, stderr } = await slipway("mine");
    expect(code).toBe(2);
    expect(stderr).toContain("slipway:aliases.docs   docs is a command of slipway");
  });

  it("says which versions are in use, in words and as JSON", async () => {
    const [words, json] = await Promise.all([slipway("--version"), slipway("-V", "--json")]);
    expect(words.stdout).toMatch(
      /^slipway \d+\.\d+\.\d+\nnode \d+\.\d+\.\d+\npulumi is not there: slipway install fetches it\n$/,
    );
    expect(JSON.parse(json.stdout)).toMatchObject({ node: process.versions.node, pulumi: null });
  });

  it.each([
    [["--version", "1.4.3"], "slipway pulumi config set slipway:image ghcr.io/acme/shop:1.4.3"],
    [["-P"], "leave -P out"],
    [["--no-cache"], "docker buildx prune"],
  ])("says what deploy does instead of Kamal's %j", async (args, next) => {
    const { code, stderr } = await slipway("deploy", ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(next);
  });

  it("goes to the folder that -C names, and refuses one that is not there", async () => {
    const { code, stderr } = await slipway("-C", join(folder, "nowhere"), "status");
    expect(code).toBe(2);
    expect(stderr).toContain("nowhere is no folder that can be entered");
  });

  it("says in the house form what is missing", async () => {
    expect((await slipway("status")).stderr).toMatch(
      /^error\[PROJECT_NOT_FOUND\]: there is no Pulumi.yaml in .*\n {2}serves now: .*\n {2}next: /,
    );
    await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    const { code, stderr } = await slipway("status", "--stack", "production");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error\[TOOL_MISSING\]: Pulumi is not installed: .*\n {2}serves now: .*\n {2}next: npx slipway install --yes /,
    );
  });

  it("prints an error as JSON, with its code, where JSON was asked for", async () => {
    await rm(join(folder, "Pulumi.yaml"), { force: true });
    const { code, stdout, stderr } = await slipway("status", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      schema: 1,
      error: expect.objectContaining({
        code: "PROJECT_NOT_FOUND",
        what: expect.stringContaining("Pulumi.yaml"),
        next: expect.any(String),
      }),
    });
    expect(stderr).toMatch(/^error\[PROJECT_NOT_FOUND\]: /);
  });
});

describe("completion in bash", () => {
  it("completes what is typed, with names of the project, and loads nothing that reaches a host", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    await writeFile(
      join(folder, "Pulumi.production.yaml"),
      "config: { slipway:servers: { web: { hosts: { web-1: 203.0.113.10 } } } }\n",
    );
    const typed = `slipway() { "$NODE" "$MAIN" "$@"; }
      source <(slipway completion bash)
      COMP_WORDS=(slipway logs --host we) COMP_CWORD=3
      _slipway; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const shell = { ...env, PATH: process.env.PATH, PULUMI_STACK: "production", NODE: process.execPath, MAIN };
    const { stdout } = await promisify(execFile)("bash", ["-c", typed], { cwd: folder, env: shell });
    expect(stdout).toBe("web-1\n");
    const { stderr } = await slipway("complete-words", "--", "logs", "--host", "we");
    for (const heavy of ["ssh2", "dockerode", "zod"]) expect(stderr).not.toContain(`/node_modules/${heavy}/`);
  });
});

describe("slipway accessory", () => {
  it.each<[string, readonly string[], number, string]>([
    ["takes options of exec between the name and the command", ["exec", "db", "--raw", "psql", "-l"], 125, "no Pulumi.yaml"],
    ["takes them before the name, and all after -- as the command", ["exec", "--raw", "db", "--", "psql"], 125, "no Pulumi.yaml"],
    ["refuses an unknown option", ["exec", "db", "--hots", "db-1", "psql"], 2, "unknown option '--hots'"],
    ["refuses to run without a command", ["exec", "db", "--raw"], 2, "slipway accessory exec db -- <command>"],
    ["refuses a terminal when it has none", ["exec", "-i", "db", "psql"], 125, "use --raw"],
    ["suggests the command that was meant", ["restrat", "db"], 2, "(Did you mean restart?)"],
    ["exits with 1 when the work fails", ["stop", "db"], 1, "no Pulumi.yaml"],
  ])("%s", async (_what, args, code, expected) => {
    const done = await slipway("accessory", ...args);
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code, stderr: expect.stringContaining(expected) });
  });
});
