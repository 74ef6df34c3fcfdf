import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../../lab/command.ts";
import { folder } from "../../lab/state.ts";

/** Installs packages in a project's folder. @param packages names with versions, and files */
type Install = (project: string, packages: readonly string[]) => Promise<void>;

const PATIENCE = 300;

/** What users install packages with. */
export const PACKAGE_MANAGERS = {
  npm: (cwd, packages) => run(cwd, ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...packages]),
  // It refuses packages with scripts unless it knows what to do with them. None of these scripts is needed.
  pnpm: async (cwd, packages) => {
    await writeFile(join(cwd, "pnpm-workspace.yaml"), "allowBuilds: { cpu-features: false, protobufjs: false, ssh2: false }\n");
    await run(cwd, [await tool("pnpm", "12.21.0"), "add", "--prefer-offline", ...packages]);
  },
  // Its cache knows a tarball by its name, and would install that of an earlier run.
  "yarn classic": async (cwd, packages) => {
    const cache = join(cwd, ".yarn-cache");
    await run(cwd, [await tool("yarn", "1.22.22"), "add", "--non-interactive", "--cache-folder", cache, ...packages]);
    await rm(cache, { recursive: true });
  },
  "yarn berry": async (cwd, packages) => {
    await writeFile(join(cwd, ".yarnrc.yml"), "nodeLinker: node-modules\nenableTelemetry: false\n");
    await writeFile(join(cwd, "yarn.lock"), "");
    const named = packages.map((one) => (one.startsWith("/") ? `slipway@file:${one}` : one));
    await run(cwd, [await tool("@yarnpkg/cli-dist", "4.18.1", "yarn"), "add", ...named]);
  },
} as const satisfies Record<string, Install>;

export type PackageManager = keyof typeof PACKAGE_MANAGERS;

const run = async (cwd: string, argv: readonly [string, ...string[]]): Promise<void> =>
  void (await command(argv, { cwd, timeout: PATIENCE }));

/** The path of a package manager, installed by npm once per machine. */
async function tool(name: string, version: string, bin = name): Promise<string> {
  const at = join(await folder("package-managers"), `${name.replace("/", "-")}-${version}`);
  if (!existsSync(at)) {
    const draft = `${at}.${process.pid}`;
    await command(["npm", "install", "--no-audit", "--no-fund", "--prefix", draft, `${name}@${version}`], { timeout: PATIENCE });
    await rename(draft, at);
  }
  return join(at, "node_modules", ".bin", bin);
}
