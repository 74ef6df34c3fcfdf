import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectFile } from "../../../project/place.ts";
import { currentLogin } from "../../stack/login.ts";
import { notice } from "../../terminal/failure.ts";

/** The missing environment variables for a backend of the project in `root`. */
export async function backendFor(root: string): Promise<NodeJS.ProcessEnv> {
  return (await hasBackend(root)) ? {} : { PULUMI_BACKEND_URL: await localBackend(root) };
}

/** Whether this user has a backend: set in the environment, by a login, or in the project. */
async function hasBackend(root: string): Promise<boolean> {
  const { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: token } = process.env;
  return Boolean(url || token || (await currentLogin())) || isNamedIn(root);
}

async function isNamedIn(root: string): Promise<boolean> {
  // Most projects name none: for them, neither a YAML parser nor zod is loaded before Pulumi starts.
  if (!(await readFile(projectFile(root), "utf8")).includes("backend")) return false;
  const { findProject } = await import("../../../project/project.ts");
  // What is wrong with the file, the command itself says.
  return findProject(root).then(
    ({ backend }) => backend !== undefined,
    () => true,
  );
}

/** The URL of the default backend of the project in `root`, whether it is there or not. */
export const defaultBackend = (root: string): string => pathToFileURL(localFolder(root)).href;

const localFolder = (root: string): string => join(root, ".pulumi", "state");

/** A default backend: a folder of the project that git ignores. */
async function localBackend(root: string): Promise<string> {
  const folder = localFolder(root);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await ignoredByGit(join(root, ".pulumi"));
  // Pulumi makes this folder with the first stack. Until then, a user whose stacks are in a different backend learns why there are none here.
  if (!existsSync(join(folder, ".pulumi", "stacks")))
    notice(
      "no Pulumi backend is set: using .pulumi/state in this project, which has no stacks yet (change it with pulumi login or PULUMI_BACKEND_URL)",
    );
  return pathToFileURL(folder).href;
}

async function ignoredByGit(folder: string): Promise<void> {
  const file = join(folder, ".gitignore");
  if (!existsSync(file)) await writeFile(file, "*\n");
}
