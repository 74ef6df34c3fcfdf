import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BenchResult } from "../result.ts";
import { FOLDER, performancePage } from "./page.ts";
import { plotsOf } from "./plots.ts";
import { withReadmeRow } from "./readme-row.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** The result from which the files in this repository are made. */
export const STORED = join("docs", FOLDER, "result.json");

/** Path in the repository → content. @param readme README.md as it is */
export function pageFiles(result: BenchResult, readme: string): Readonly<Record<string, string>> {
  const { commands } = result;
  if (commands === undefined) throw new Error("the result has no commands: it was measured with --only steps");
  const plots = Object.entries(plotsOf(commands)).map(([name, svg]) => [join("docs", FOLDER, name), svg]);
  return {
    ...Object.fromEntries(plots),
    "docs/performance.md": performancePage(result, commands),
    [STORED]: `${JSON.stringify(result, null, 2)}\n`,
    "README.md": withReadmeRow(readme, result.machine, commands),
  };
}

/** Writes them. */
export async function writePage(result: BenchResult): Promise<void> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  for (const [path, content] of Object.entries(pageFiles(result, readme))) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), content);
  }
}
