import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { merged } from "../merge.ts";
import { BenchResult } from "../result.ts";
import { FOLDER, performancePage } from "./page.ts";
import { plotsOf } from "./plots.ts";
import { withReadmeRow } from "./readme-row.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** The result from which the files in this repository are made. */
export const STORED = join("docs", FOLDER, "result.json");

/** Path in the repository → content. @param result with the parts that an earlier one has measured @param readme README.md as it is */
export function pageFiles(result: BenchResult, readme: string): Readonly<Record<string, string>> {
  const { commands } = result;
  if (commands === undefined) throw new Error("the result has no commands: and neither has the stored one");
  const plots = Object.entries(plotsOf(commands)).map(([name, svg]) => [join("docs", FOLDER, name), svg]);
  return {
    ...Object.fromEntries(plots),
    "docs/performance.md": performancePage(result, commands),
    [STORED]: `${JSON.stringify(result, null, 2)}\n`,
    "README.md": withReadmeRow(readme, result.machine, commands),
  };
}

/** Writes them; what a result has not measured stays as it is. */
export async function writePage(result: BenchResult): Promise<void> {
  const [readme, stored] = await Promise.all([readFile(join(ROOT, "README.md"), "utf8"), readStored()]);
  const files = pageFiles(stored === undefined ? result : merged(stored, result), readme);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), content);
  }
}

/** `undefined` before the first page is written. */
async function readStored(): Promise<BenchResult | undefined> {
  const text = await readFile(join(ROOT, STORED), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : BenchResult.parse(JSON.parse(text));
}
