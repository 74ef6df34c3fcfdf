import { delimiter, join } from "node:path";
import { leanEnvironment, namedUser } from "../../cli/engine/environment.ts";
import { builtOptions } from "../built.ts";
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
  const lean = leanEnvironment();
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return {
    ...Object.fromEntries(inherited),
    PATH: pathTo(pulumi, project),
    ...lean,
    NODE_OPTIONS: builtOptions(lean.NODE_OPTIONS),
    ...namedUser(),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: backend,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** What the commands need to use this CLI, with the Node of this project. The rest they set themselves. */
export const withPulumi = (pulumi: PulumiHome): NodeJS.ProcessEnv => ({
  PATH: pathTo(pulumi, ownRoot),
  // A CLI is only built where the plugin registry cannot be reached: a request would only delay the error.
  ...(pulumi.source === "built" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
});

const ownRoot = join(import.meta.dirname, "..", "..");

const pathTo = ({ bin }: PulumiHome, project: string): string =>
  [bin, join(project, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
