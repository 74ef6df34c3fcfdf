import { delimiter, join } from "node:path";
import { leanEnvironment } from "../../cli/engine/environment.ts";
import { homeFolder, userName } from "../../core/this-user.ts";
import type { PulumiHome } from "./home.ts";

export { forCommand } from "../../cli/engine/environment.ts";

export interface PulumiRun {
  /** The result of `ensurePulumi`. */
  readonly pulumi: PulumiHome;
  /** A folder for Pulumi's credentials and plugins, separate from the user's `~/.pulumi`. */
  readonly home: string;
  /** URL of the backend: `file:///somewhere`. The folder must exist. */
  readonly backend: string;
  /** Encrypts the secrets in the state. May be empty. */
  readonly passphrase: string;
  /** The package whose `node_modules/.bin` has the right Node; default: this one. */
  readonly project?: string;
}

/** The environment of a Pulumi run that is isolated from the user's `PULUMI_…` settings. */
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
  // A CLI is only built where the plugin registry cannot be reached: a request would only delay the error.
  ...(pulumi.source === "built" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
});

const ownRoot = join(import.meta.dirname, "..", "..");

const shared = (pulumi: PulumiHome, project: string): NodeJS.ProcessEnv => ({
  PATH: [pulumi.bin, join(project, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
  ...leanEnvironment(),
  // A CLI that was built without cgo asks the environment who a user id without an entry in passwd is, and needs both.
  USER: process.env.USER || userName(),
  HOME: homeFolder(),
});
