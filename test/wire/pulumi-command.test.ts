import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compileCacheFolder } from "../../cli/engine/environment.ts";
import { PULUMI_VERSION } from "../../cli/engine/pulumi/version.ts";

const MAIN = join(import.meta.dirname, "..", "..", "cli", "main.ts");

/** Prints its arguments, one a line, and notes each call with its backend. It ends as the first argument says. */
const FAKE = `#!/bin/sh
printf '%s\\n' "$@"
printf '%s backend=%s program=%s node=%s\\n' "$1" "$PULUMI_BACKEND_URL" "$PULUMI_OPTION_RUN_PROGRAM" "$NODE_OPTIONS" >> "$CALLS"
case "$1" in exit-*) exit "\${1#exit-}" ;; killed) kill -9 $$ ;; esac
`;

/** Printed at the end of the process: the modules that it loaded. */
const WATCH = `
const loaded = [];
require("node:module").registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
process.on("exit", () => console.error("loaded " + loaded.join(" ")));
`;

let folder: string;
let home: string;
let bin: string;
let work: string;

beforeEach(async () => {
  // Without links, as Node reports the folder that it works in.
  folder = await realpath(await mkdtemp(join(tmpdir(), "slipway-pulumi-")));
  [home, bin, work] = [join(folder, "home"), join(folder, "bin"), join(folder, "work")];
  await Promise.all([home, bin, work].map((path) => mkdir(path)));
  await writeFile(join(folder, "watch.cjs"), WATCH);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function place(where = bin): Promise<void> {
  await mkdir(where, { recursive: true });
  await writeFile(join(where, "pulumi"), FAKE);
  await chmod(join(where, "pulumi"), 0o755);
}

const declareProject = (): Promise<void> => writeFile(join(work, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");

interface Said {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** One `slipway` process without a terminal. */
function slipway(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Said> {
  const child = spawn(process.execPath, ["--require", join(folder, "watch.cjs"), MAIN, ...args], {
    cwd: work,
    env: {
      PATH: bin,
      HOME: home,
      PULUMI_HOME: join(home, ".pulumi"),
      CALLS: join(folder, "calls"),
      NODE_COMPILE_CACHE: compileCacheFolder(),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => {
    stdout += data;
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data;
  });
  return new Promise((resolve) =>
    child.once("close", (code) => resolve({ code, lines: stdout.split("\n").slice(0, -1), stderr })),
  );
}

const calls = async (): Promise<string[]> =>
  (await readFile(join(folder, "calls"), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");

describe("slipway pulumi", () => {
  it.each<[string, readonly string[]]>([
    ["options that Slipway has as well", ["up", "--yes", "--stack", "production", "--help"]],
    ["options that no one knows", ["--wat", "-x", "logs", "--json"]],
    ["every --", ["--", "config", "set", "key", "--", "  - value"]],
    ["empty words and names of other commands", ["status", "", "pulumi", "install"]],
  ])("passes on %s", async (_what, args) => {
    await place();
    expect(await slipway(["pulumi", ...args])).toMatchObject({ code: 0, lines: args });
  });

  it.each([
    ["exit-7", 7],
    ["exit-255", 255],
    ["killed", 137],
  ])("ends with the exit code of pulumi: %s is %i", async (word, code) => {
    await place();
    expect(await slipway(["pulumi", word])).toMatchObject({ code });
  });

  it("works in an empty folder, which it leaves empty", async () => {
    await place();
    expect(await slipway(["pulumi", "version"])).toMatchObject({ code: 0, lines: ["version"] });
    expect(await readdir(work)).toEqual([]);
  });

  it("starts one process, and loads neither the download nor a command", async () => {
    await place();
    await declareProject();
    const { stderr } = await slipway(["pulumi", "stack", "ls"]);
    expect(await calls()).toHaveLength(1);
    expect(stderr).toContain("/cli/pulumi/run.ts");
    for (const file of ["download.ts", "offer.ts", "inspection.ts", "command.ts", "/node_modules/zod/", "/node_modules/yaml/"])
      expect(stderr).not.toContain(file);
  });

  it("keeps the state in the project, as every other command", async () => {
    await place();
    await declareProject();
    await slipway(["pulumi", "up"]);
    await slipway(["status"]);
    const backend = `backend=${pathToFileURL(join(work, ".pulumi", "state")).href} `;
    const [up, ...others] = await calls();
    expect(up).toContain(`${backend}program=true node=--require=`);
    expect(others.length).toBeGreaterThan(0);
    for (const call of others) expect(call).toContain(backend);
  });

  it("keeps it in the project that -C names", async () => {
    await place();
    await mkdir(join(work, "infra"));
    await writeFile(join(work, "infra", "Pulumi.yaml"), "name: shop\n");
    await slipway(["pulumi", "-C", "infra", "stack", "ls"]);
    expect(await calls()).toEqual([expect.stringContaining(`backend=${pathToFileURL(join(work, "infra/.pulumi/state")).href} `)]);
  });

  it.each(["login", "logout", "version", "--help"])("makes no backend for %s", async (word) => {
    await place();
    await declareProject();
    await slipway(["pulumi", word]);
    expect(await calls()).toEqual([expect.stringContaining(`${word} backend= `)]);
    expect(await readdir(work)).toEqual(["Pulumi.yaml"]);
  });

  it("runs the one of Pulumi's installer if none is on PATH", async () => {
    await place(join(home, ".pulumi", "bin"));
    expect(await slipway(["pulumi", "version"], { PATH: "" })).toMatchObject({ code: 0, lines: ["version"] });
  });

  it("says without a terminal how to get a missing Pulumi, and exits with 125", async () => {
    const { code, lines, stderr } = await slipway(["pulumi", "up"]);
    expect({ code, lines }).toEqual({ code: 125, lines: [] });
    expect(stderr).toMatch(
      /^error\[TOOL_MISSING\]: Pulumi is not installed: .*\n {2}serves now: .*\n {2}next: npx slipway install --yes /,
    );
  });
});

describe("every other command", () => {
  it.each([["status"], ["deploy"], ["doctor"], ["releases"]])("%s uses the Pulumi of slipway install", async (name) => {
    await place(join(home, ".cache/slipway/pulumi", PULUMI_VERSION, "download/bin"));
    await declareProject();
    await slipway([name, "--stack", "production"]);
    expect((await calls()).length).toBeGreaterThan(0);
  });

  it("starts nothing and loads no download for a Pulumi on PATH", async () => {
    await place();
    await declareProject();
    const { stderr } = await slipway(["status", "--stack", "production"]);
    expect((await calls()).map((call) => call.split(" ")[0])).not.toContain("version");
    for (const file of ["download.ts", "offer.ts", "inspection.ts"]) expect(stderr).not.toContain(file);
  });

  it("refuses a missing Pulumi before it does anything, and makes no backend", async () => {
    await declareProject();
    const { code, stderr } = await slipway(["deploy"]);
    expect(code).toBe(2);
    expect(stderr).toContain("npx slipway install --yes");
    expect(await readdir(work)).toEqual(["Pulumi.yaml"]);
  });

  it("explains itself without a Pulumi", async () => {
    await declareProject();
    expect(await slipway(["deploy", "--help"])).toMatchObject({ code: 0 });
    expect(await slipway(["help", "pulumi"])).toMatchObject({ code: 0 });
  });
});

describe("slipway install", () => {
  it("refuses without a terminal and without --yes", async () => {
    const { code, stderr } = await slipway(["install"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error\[TOOL_MISSING\]: .*\n.*\n {2}next: npx slipway install --yes /);
  });
});
