/**
 * `npm run package`: the package that users install, as the folder `dist/` and, with `--pack FOLDER`, as a tarball in that folder. It is
 * JavaScript, one file for each process that loads it (`package/bundle.ts`), in which names and comments are as in the source.
 */
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { apiPage } from "./api/page.ts";
import { PROJECT, runCheck } from "./checks.ts";
import { bundle, licensesOf } from "./package/bundle.ts";
import { manifestOf, Root, TYPES } from "./package/manifest.ts";
import { withoutSchemas } from "./package/plain-types.ts";
import { repositoryUrl } from "./package/repository.ts";
import { rolledUp } from "./package/types.ts";

export const DIST = join(PROJECT, "dist");

/** The types of the package, to be reviewed with each change. */
export const REPORT = join(PROJECT, "docs", "api.d.ts");

/** The same for people to read. */
const PAGE = join(PROJECT, "docs", "api.md");

/** Files that go into the package as they are. */
const COPIED = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "config/slipway.schema.json"];

/** Writes the folder, without anything that was in it. */
export async function buildPackage(): Promise<void> {
  await rm(DIST, { recursive: true, force: true });
  await must("tsc", "-p", "tools/package/tsconfig.json");
  const types = withoutSchemas(await rolledUp(join(DIST, TYPES)), join(DIST, TYPES));
  await removeModules();
  await bundle(PROJECT, DIST);
  await writeFile(join(DIST, "THIRD-PARTY-LICENSES.txt"), await licensesOf(PROJECT));
  await writeFile(join(DIST, TYPES), types);
  await writeFile(REPORT, types);
  await writeFile(PAGE, apiPage(types));
  await Promise.all(COPIED.map((file) => cp(join(PROJECT, file), join(DIST, file))));
  const root = Root.parse(JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8")));
  const manifest = manifestOf(root, repositoryUrl(process.env));
  await writeFile(join(DIST, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await chmod(join(DIST, "cli", "main.js"), 0o755);
}

const Packed = z.tuple([z.object({ filename: z.string() })]);

/** The tarball that npm would publish. @returns its path */
export async function pack(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const output = await must("npm", "pack", DIST, "--pack-destination", folder, "--json", "--ignore-scripts");
  const [{ filename }] = Packed.parse(JSON.parse(output.slice(output.indexOf("["))));
  return join(folder, filename);
}

/** Programs that are copied into containers on the hosts, and run there. */
const RUNNER = join("providers", "schedule", "runner");

/** All that the compiler wrote but the JavaScript of those programs: the rest is bundled. */
async function removeModules(): Promise<void> {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const isKept = (file: string) => dirname(file) === join(DIST, RUNNER) && file.endsWith(".js");
  await Promise.all(files.filter((file) => !isKept(file)).map((file) => rm(file)));
}

async function must(tool: string, ...args: string[]): Promise<string> {
  const { passed, output } = await runCheck([tool, ...args]);
  if (!passed) throw new Error(`${tool} ${args[0]} failed\n${output}`);
  return output;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { pack: { type: "string" } } });
  await buildPackage();
  console.info(values.pack === undefined ? DIST : await pack(resolve(values.pack)));
}
