import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { z } from "zod";

const Package = z.object({ version: z.string() });

/** The version of the npm package `@pulumi/<name>`, which needs a plugin of the same version. */
export function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`@pulumi/${name}/package.json`);
  return Package.parse(JSON.parse(readFileSync(file, "utf8"))).version.replace(/^v/, "");
}
