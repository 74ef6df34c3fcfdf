import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Hook } from "../../../../../core/hook.ts";
import { execute, folderOf } from "../../../../../providers/pulumi/hooks/process.ts";

let root: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "slipway-hooks-")));
  for (const folder of ["hooks", ".kamal/hooks", "deploy"]) await mkdir(join(root, folder), { recursive: true });
  for (const [file, text] of Object.entries(FILES)) {
    await writeFile(join(root, file), text);
    await chmod(join(root, file), 0o755);
  }
});
afterAll(() => rm(root, { recursive: true }));

const FILES: Record<string, string> = {
  "hooks/pre-deploy": "#!/bin/sh\npwd\n",
  "hooks/post-deploy": "echo without a first line\n",
  ".kamal/hooks/pre-deploy": "#!/bin/sh\npwd\n",
};

const commands = (...all: string[]): Hook => ({ run: { commands: all }, output: "verbose", timeout: 20 });
const file = (path: string): Hook => ({ run: { file: path }, output: "verbose", timeout: 20 });

async function ran(hook: Hook, more: { root?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {}) {
  const lines: string[] = [];
  const heard = (some: readonly string[]) => void lines.push(...some);
  return { ...(await execute(hook, { root, env: { PATH: process.env.PATH }, heard, ...more })), lines };
}

it("runs commands until one fails, in the project's folder", async () => {
  expect(await ran(commands("pwd", "echo err >&2", "exit 7", "echo never"))).toMatchObject({
    failure: "exit code 7",
    lines: expect.arrayContaining([root, "err"]),
  });
});

it("runs a file in the project's folder, and one of Kamal in the folder that has .kamal", async () => {
  expect(await ran(file("hooks/pre-deploy"))).toEqual({ failure: undefined, output: root, lines: [root] });
  const project = join(root, "deploy");
  expect(await ran(file("../.kamal/hooks/pre-deploy"), { root: project })).toMatchObject({ output: root });
  expect(folderOf(file("../hooks/pre-deploy"), project)).toBe(project);
});

it("runs a file without a first line by sh", async () =>
  expect(await ran(file("hooks/post-deploy"))).toMatchObject({ failure: undefined, output: "without a first line" }));

it("passes on lines while it runs", async () => {
  const lines: string[] = [];
  const over = new AbortController();
  const running = execute(commands("echo one", "sleep 30"), {
    root,
    env: { PATH: process.env.PATH },
    signal: over.signal,
    heard: (some) => {
      lines.push(...some);
      over.abort();
    },
  });
  expect(await running).toEqual({ failure: "the run was cancelled", output: "one" });
  expect(lines).toEqual(["one"]);
});

it("is ended with all that it has started, also what ignores the first signal", async () => {
  const pids = join(root, "pids");
  const hook = commands(`sh -c 'trap "" TERM; echo $$ >${pids}; sleep 60; sleep 60' & wait`);
  const began = Date.now();
  expect((await ran({ ...hook, timeout: 1 })).failure).toBe("it did not end within 1 s");
  expect(Date.now() - began).toBeLessThan(15_000);
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", (await readFile(pids, "utf8")).trim()], { encoding: "utf8" });
  // What has ended stays in the list until its parent has asked for it.
  expect(stdout.trim()).toMatch(/^(?:Z.*)?$/);
});

it("does not wait for what it leaves running, as a tunnel", async () => {
  const began = Date.now();
  const { failure, output } = await ran(commands("sleep 25 & echo $!"));
  expect(failure).toBeUndefined();
  expect(Date.now() - began).toBeLessThan(15_000);
  process.kill(Number(output));
});

it.each<[string, NodeJS.ProcessEnv]>([
  ["is too long", { TOKEN: "canary".repeat(100_000) }],
  ["no program can have", { TOKEN: "canary\0" }],
])("says of a value that %s only that it does not start", async (_what, env) => {
  const { failure } = await ran(commands("true"), { env });
  expect(failure).toMatch(/^it could not be started \([A-Z0-9_]+\)$/);
});
