import { delimiter } from "node:path";
import { projectAround } from "../../../project/place.ts";
import { passphraseFor } from "../../stack/passphrase.ts";
import { namedUser } from "../environment.ts";
import { backendFor } from "./backend.ts";
import { type FoundPulumi, findPulumi } from "./found.ts";
import type { Ask } from "./offer.ts";

/**
 * Completes the environment of this process, so that whatever it starts finds Pulumi, and the backend and the passphrase of the project
 * in `root`. A Pulumi that is missing is offered to the user.
 *
 * @param root `undefined` for a run of Pulumi without the default backend
 * @param user who is asked; default: the one at the terminal, if there is a terminal
 */
export async function preparePulumi(root: string | undefined, user?: Ask): Promise<void> {
  const found = findPulumi() ?? (await offered(user));
  const ofProject = root === undefined ? {} : { ...(await backendFor(root)), ...passphraseFor(root) };
  Object.assign(process.env, pathTo(found), ofProject, namedUser());
}

/** The same for a command that needs a project. Where it will find none, nothing is offered. */
export async function prepareProject(): Promise<void> {
  const root = projectAround(process.cwd());
  if (root !== undefined) await preparePulumi(root);
}

async function offered(user?: Ask): Promise<FoundPulumi> {
  const { offerPulumi, userAtTerminal } = await import("./offer.ts");
  return offerPulumi(user ?? userAtTerminal());
}

function pathTo({ bin, source }: FoundPulumi): NodeJS.ProcessEnv {
  // An empty PATH behind a delimiter would mean the current folder.
  return source === "path" ? {} : { PATH: [bin, process.env.PATH].filter(Boolean).join(delimiter) };
}
