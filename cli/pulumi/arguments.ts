import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** What decides, of Pulumi's arguments, where its state is. All others are for Pulumi alone. */
export interface PulumiArguments {
  /** Its first word, if it has one: `stack`. */
  readonly command: string | undefined;
  /** The folder in which Pulumi will look for the project. */
  readonly folder: string;
}

/** @example readArguments(["-C", "infra", "up"], "/srv/shop") // { command: "up", folder: "/srv/shop/infra" } */
export function readArguments(args: readonly string[], from: string): PulumiArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { cwd: { type: "string", short: "C" } },
    allowPositionals: true,
    strict: false,
  });
  return { command: positionals[0], folder: typeof values.cwd === "string" ? resolve(from, values.cwd) : from };
}
