import { delimiter, join } from "node:path";
import { cacheFolder } from "./cache.ts";
import type { PulumiHome } from "./home.ts";

export interface PulumiRun {
  /** What `ensurePulumi` gave. */
  readonly pulumi: PulumiHome;
  /** A folder for Pulumi's own credentials and plugins, apart from the user's `~/.pulumi`. */
  readonly home: string;
  /** Where state is kept: `file:///somewhere`. The folder must exist. */
  readonly backend: string;
  /** Encrypts the secrets in the state. May be empty. */
  readonly passphrase: string;
  /** The package whose `node_modules/.bin` has the right Node; this one unless told otherwise. */
  readonly project?: string;
}

/** The environment of a Pulumi run that is apart from the user's: nothing of their `PULUMI_…` settings reaches it. */
export function pulumiEnvironment({ pulumi, home, backend, passphrase, project = ownRoot }: PulumiRun): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return {
    ...Object.fromEntries(inherited),
    ...shared(pulumi, project),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: backend,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** The user's own environment, with this CLI and the project's Node first on PATH. */
export const withPulumi = (pulumi: PulumiHome, project = ownRoot): NodeJS.ProcessEnv => ({
  ...process.env,
  ...shared(pulumi, project),
  // A built CLI is used where the plugin registry cannot be reached: asking it would only delay the same error.
  ...(pulumi.source === "built" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
});

/**
 * The environment of one command, over those above. Refreshing while the program runs, instead of before it, saves the start of a second
 * provider process (0.6–0.7 s of each run), and a config with a mistake in it is refused before any host is contacted.
 * A destroy needs no program, and must work when the config is broken.
 *
 * @example forCommand(["up", "--yes"]) // { PULUMI_OPTION_RUN_PROGRAM: "true" }
 */
export function forCommand(args: readonly string[]): NodeJS.ProcessEnv {
  const command = args.find((arg) => COMMANDS_WITH_REFRESH.has(arg));
  return command === undefined ? {} : { PULUMI_OPTION_RUN_PROGRAM: process.env.PULUMI_OPTION_RUN_PROGRAM ?? "true" };
}

const COMMANDS_WITH_REFRESH: ReadonlySet<string> = new Set(["up", "update", "preview", "pre", "refresh"]);

const ownRoot = join(import.meta.dirname, "..", "..");

const shared = (pulumi: PulumiHome, project: string): NodeJS.ProcessEnv => ({
  PATH: [pulumi.bin, join(project, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // A run starts two Node processes that load the same SDK: compiled code kept between runs saves 0.3 s.
  NODE_OPTIONS: leanly(process.env.NODE_OPTIONS),
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(cacheFolder(), "node-compile-cache"),
});

const LEAN = join(import.meta.dirname, "lean.cjs");

/** See lean.cjs. An environment that has it already, because one run starts another, is left as it is. */
function leanly(options = ""): string {
  const hook = `--require=${JSON.stringify(LEAN)}`;
  return options.includes(hook) ? options : `${options} ${hook}`.trim();
}
