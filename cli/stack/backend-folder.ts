import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { accountHome } from "../../core/this-user.ts";
import { projectFile } from "../../project/place.ts";
import { currentLogin } from "./login.ts";

/** The backend of a project, found as Pulumi does: in the environment, the project, or the last `pulumi login`. */
export const backendUrl = async (root: string): Promise<string | undefined> =>
  process.env.PULUMI_BACKEND_URL || (await namedIn(root)) || (await currentLogin());

/** The folder of a project's backend `file://…`; `undefined` for any other backend. */
export const backendFolder = async (root: string): Promise<string | undefined> => folderOf(await backendUrl(root), root);

/** The folder that a backend's URL means in a project. */
export function folderOf(url: string | undefined, root: string): string | undefined {
  if (!url?.startsWith("file://")) return undefined;
  const path = url.slice("file://".length).replace(/\?.*$/, "");
  return path.startsWith("~") ? join(accountHome(), path.slice(1)) : resolve(root, path);
}

/** Most projects name no backend: for them, neither a YAML parser nor zod is loaded. */
async function namedIn(root: string): Promise<string | undefined> {
  if (!(await readFile(projectFile(root), "utf8")).includes("backend")) return undefined;
  return (await (await import("../../project/project.ts")).findProject(root)).backend;
}
