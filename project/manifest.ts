import { existsSync, readFileSync } from "node:fs";
import { parseJson } from "../core/text.ts";
import { isMap } from "../core/values.ts";

/** What is read of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly main?: string;
  readonly version?: string;
}

/**
 * The manifest in a file; empty if it is missing or is none. Read by hand: `slipway deploy` reads it before it starts anything, and zod
 * takes longer to load than the files of a project to compare.
 */
export function manifestAt(file: string): Manifest {
  const written = existsSync(file) ? parseJson(readFileSync(file, "utf8")) : undefined;
  if (!isMap(written)) return {};
  const { name, main, version } = written;
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof main === "string" ? { main } : {}),
    ...(typeof version === "string" ? { version } : {}),
  };
}
