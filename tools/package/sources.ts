import { glob } from "node:fs/promises";

/** All that the code of the package is made of. */
const PATTERNS = [
  "program.ts",
  "{core,registry,builder,config,kamal,hosts,project,providers,components,cli}/**/*.{ts,cjs}",
  "tools/package/bundle.ts",
  "package-lock.json",
];

/** Paths in the repository, in the same order on every machine. */
export async function sourcesOf(root: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob(PATTERNS, { cwd: root, exclude: ["**/*.test.ts"] })) found.push(file);
  return found.sort();
}
