import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expandHome } from "../../core/key-files.ts";
import { homeFolder } from "../../core/this-user.ts";

/** The content of a file of this operator; empty if it is missing. */
export function readIfThere(file: string): string[] {
  try {
    return [readFileSync(resolve(expandHome(file, homeFolder())), "utf8")];
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}
