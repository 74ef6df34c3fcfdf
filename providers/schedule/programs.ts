import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { ArchiveEntry } from "../../hosts/index.ts";
import { SLIPWAY } from "../../project/slipway-files.ts";

/** Where our programs are in a container. */
export const PROGRAMS = "/slipway";

/** TypeScript in the repository, JavaScript in the published package: Node.js runs both. */
const RUNNER = join(SLIPWAY.root, "providers", "schedule", "runner");
const EXTENSION = existsSync(join(RUNNER, "scheduler.ts")) ? ".ts" : ".js";

export type Program = "scheduler" | "sink" | "source" | "swap";

/** Packages that they use. */
const PACKAGES = ["age-encryption", "aws4fetch", "croner"] as const;
export type Package = (typeof PACKAGES)[number];

/** How a program is run. */
export const commandOf = (program: Program, ...args: readonly string[]): string[] => [
  "node",
  `${PROGRAMS}/${program}${EXTENSION}`,
  ...args,
];

/** Hash of our own files and the versions of the packages: when it changes, the containers are replaced. */
export function programHash(): string {
  const hash = createHash("sha256");
  for (const file of ownFiles()) hash.update(file).update(readFileSync(join(RUNNER, file)));
  for (const name of PACKAGES) hash.update(name).update(readManifest(packageFile(name, import.meta.url)).version);
  return hash.digest("hex").slice(0, 8);
}

/** Our programs and their packages, to be copied into `/`. */
export function programFiles(packages: readonly Package[]): ArchiveEntry[] {
  const own = ownFiles().map((file) => fileEntry(`${PROGRAMS}/${file}`, readFileSync(join(RUNNER, file))));
  const module = Buffer.from(JSON.stringify({ type: "module" }));
  return [...own, fileEntry(`${PROGRAMS}/package.json`, module), ...new Packing().pack(packages)];
}

const ownFiles = (): string[] =>
  readdirSync(RUNNER)
    .filter((file) => file.endsWith(EXTENSION))
    .sort();

export const fileEntry = (path: string, content: Buffer, mode = 0o644): ArchiveEntry => ({
  kind: "file",
  path: path.replace(/^\/+/, ""),
  content,
  mode,
  uid: 0,
  gid: 0,
});

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

const readManifest = (file: string): z.infer<typeof Manifest> => Manifest.parse(parseJson(readFileSync(file, "utf8")));

function packageFile(name: string, from: string): string {
  const file = findPackageJSON(name, from);
  if (file === undefined) throw new Error(`the package ${name} is not installed`);
  return file;
}

/** Packages with all their dependencies, each where Node.js looks for it, wherever npm installed it here. */
class Packing {
  readonly #top = new Map<string, string>();
  readonly #entries: ArchiveEntry[] = [];

  pack(names: readonly string[]): ArchiveEntry[] {
    for (const name of names) this.#add(name, import.meta.url, PROGRAMS);
    return this.#entries;
  }

  #add(name: string, from: string, parent: string): void {
    const file = packageFile(name, from);
    const known = this.#top.get(name);
    if (known === file) return;
    // A second version of a package goes below its parent.
    const home = `${known === undefined ? PROGRAMS : parent}/node_modules/${name}`;
    if (known === undefined) this.#top.set(name, file);
    const folder = dirname(file);
    for (const path of modulesIn(folder)) this.#entries.push(fileEntry(`${home}/${relative(folder, path)}`, readFileSync(path)));
    for (const dependency of Object.keys(readManifest(file).dependencies)) this.#add(dependency, file, home);
  }
}

/** The files that Node.js loads: no sources, types or maps. */
function modulesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["node_modules", "src", "test"].includes(entry.name) ? [] : modulesIn(path);
    return entry.name === "package.json" || /\.m?js$/.test(entry.name) ? [path] : [];
  });
}
