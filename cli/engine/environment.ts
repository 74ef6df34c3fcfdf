import { join } from "node:path";
import { cacheFolder } from "../../core/cache-folder.ts";
import { homeFolder, userName } from "../../core/this-user.ts";
import { SLIPWAY } from "../../project/slipway-files.ts";
import { DISPLAY_VARIABLE } from "../../providers/pulumi/display.ts";

/** Compiled code of this process and of those that the engine starts. */
export const compileCacheFolder = (): string => process.env.NODE_COMPILE_CACHE ?? join(cacheFolder(), "node-compile-cache");

/** Environment variables that make a run of the engine cheaper. */
export const leanEnvironment = (): NodeJS.ProcessEnv => ({
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // A run starts two Node processes that load the same SDK: compiled code kept between runs saves 0.3 s.
  NODE_OPTIONS: leanly(process.env.NODE_OPTIONS),
  NODE_COMPILE_CACHE: compileCacheFolder(),
});

/** What our resources need to know of the place where a run is shown: a line of a terminal can change. */
export const displayOf = ({ isTTY }: { readonly isTTY: boolean }): NodeJS.ProcessEnv => ({
  [DISPLAY_VARIABLE]: process.env[DISPLAY_VARIABLE] ?? (isTTY ? "terminal" : "log"),
});

/** The user, whom a CLI that is built without cgo cannot look up if the user id has no entry in passwd. */
export const namedUser = (): NodeJS.ProcessEnv => ({ USER: process.env.USER || userName(), HOME: homeFolder() });

/**
 * Environment variables for one command, in addition to those above. Refreshing while the program runs, instead of before it, saves the start of a second
 * provider process (0.6–0.7 s of each run), and an invalid config is refused before any host is contacted.
 * A destroy needs no program, and must work even if the config is invalid.
 *
 * @example forCommand(["up", "--yes"]) // { PULUMI_OPTION_RUN_PROGRAM: "true" }
 */
export function forCommand(args: readonly string[]): NodeJS.ProcessEnv {
  const command = args.find((arg) => COMMANDS_WITH_REFRESH.has(arg));
  return command === undefined ? {} : { PULUMI_OPTION_RUN_PROGRAM: process.env.PULUMI_OPTION_RUN_PROGRAM ?? "true" };
}

const COMMANDS_WITH_REFRESH: ReadonlySet<string> = new Set(["up", "update", "preview", "pre", "refresh"]);

const LEAN = join(SLIPWAY.root, "cli", "engine", "lean.cjs");

/** See lean.cjs. An environment that has it already, because one run starts another, stays as it is. */
function leanly(options = ""): string {
  const hook = `--require=${JSON.stringify(LEAN)}`;
  return options.includes(hook) ? options : `${options} ${hook}`.trim();
}
