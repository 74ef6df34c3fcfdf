import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensurePulumi, pulumiEnvironment } from "../../tools/pulumi/index.ts";
import { HANDED } from "../support/as-written.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const PROJECT = {
  "Pulumi.yaml": "name: values\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.cjs\n",
  "package.json": '{ "name": "values" }\n',
  "index.cjs": `const { runtime } = require("@pulumi/pulumi");
require("node:fs").writeFileSync("handed.json", JSON.stringify(runtime.allConfig()));\n`,
};

let folder: string;
let handed: Record<string, string>;

// Builds the CLI if it is missing.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-values-"));
  const [state, home] = [join(folder, "state"), join(folder, "home")];
  await Promise.all([mkdir(state), mkdir(home)]);
  for (const [name, text] of Object.entries(PROJECT)) await writeFile(join(folder, name), text);
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const env = pulumiEnvironment({ pulumi: await ensurePulumi(), home, backend: pathToFileURL(state).href, passphrase: "wire" });
  const pulumi = async (...args: string[]) =>
    promisify(execFile)("pulumi", [...args, "--non-interactive"], { cwd: folder, env, timeout: 120_000 });
  await pulumi("stack", "init", "wire");
  // Written by hand after Pulumi has written the file, which it rewrites only then.
  const file = join(folder, "Pulumi.wire.yaml");
  const map = HANDED.map(([written], at) => `    A${at}: ${written}\n`).join("");
  const roots = HANDED.map(([written], at) => `  values:r${at}: ${written}\n`).join("");
  await writeFile(file, `${await readFile(file, "utf8")}config:\n  values:map:\n${map}${roots}`);
  await pulumi("preview");
  handed = JSON.parse(await readFile(join(folder, "handed.json"), "utf8"));
}, 900_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it("is passed by Pulumi as the tests of the config expect it", () => {
  const inMap: string[] = [];
  JSON.parse(handed["values:map"] ?? "", (key, value: unknown, context?: { readonly source?: string }) => {
    if (key !== "") inMap[Number(key.slice(1))] = context?.source ?? JSON.stringify(value);
    return value;
  });
  expect(HANDED.map(([written], at) => [written, inMap[at], handed[`values:r${at}`]])).toEqual(HANDED);
});
