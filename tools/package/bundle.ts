/**
 * The code of the package: one file for each of the processes that load it (the program, Pulumi's provider process, the command line), with
 * zod in it. Finding, reading and linking 400 small files takes Node.js longer than running them. A module is still run at its first use.
 */
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Plugin, rolldown } from "rolldown";

/** Packages that become part of the code. All others stay dependencies, so that a user can update them. */
export const BUNDLED = ["zod"] as const;

/** What a process loads, by its file in the package. */
const ENTRIES: Readonly<Record<string, string>> = {
  "components/index.js": "components/index.ts",
  "program.js": "program.ts",
  "providers/index.js": "providers/index.ts",
  "cli/main.js": "cli/main.ts",
  "cli/program.js": "cli/program.ts",
};

/** Imports that stay one, by what is written in the source: `cli/main` turns on the cache of compiled code before it loads the rest. */
const KEPT: Readonly<Record<string, string>> = {
  "./program.ts": "./program.js",
  "./engine/lean.cjs": "./engine/lean.cjs",
};

/** Node.js loads it before everything else, so it cannot be part of another file. */
const LEAN = "cli/engine/lean.cjs";

/** @param root of the repository, @param to the folder of the package */
export async function bundle(root: string, to: string): Promise<void> {
  await cp(join(root, LEAN), join(to, LEAN));
  for (const [file, source] of Object.entries(ENTRIES)) {
    const build = await rolldown({
      input: join(root, source),
      platform: "node",
      external: (id) => !isOwn(id),
      plugins: [keepImports],
      onLog: (_level, log) => {
        throw new Error(`${source}: ${log.message}`);
      },
    });
    await build.write({ file: join(to, file), format: "esm", codeSplitting: false, comments: { legal: false } });
    await build.close();
  }
}

const keepImports: Plugin = {
  name: "keep-imports",
  resolveId: (id) => (KEPT[id] === undefined ? null : { id: KEPT[id], external: true }),
};

const isOwn = (id: string): boolean =>
  id.startsWith(".") || id.startsWith("/") || BUNDLED.some((name) => id === name || id.startsWith(`${name}/`));

/** The licenses of the packages in the code, which ask to be passed on with it. */
export async function licensesOf(root: string): Promise<string> {
  const texts = BUNDLED.map(async (name) => {
    const text = await readFile(join(root, "node_modules", name, "LICENSE"), "utf8");
    return `${name}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}
