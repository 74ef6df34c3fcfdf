import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { accountHome } from "../../core/this-user.ts";
import { projectFile } from "../../project/place.ts";
import { currentLogin } from "./login.ts";

/** The backend of a project, found as Pulumi does: in the environment, the project, or the last `pulumi login`. */
export const backendUrl = async (root: string): Promise<string | undefined> =>
  process.env.PULUMI_BACKEND_URL || (await namedIn(root)) || (await currentLogin());

/** The folder of a backend `file://…`; `undefined` for any other backend. */
export async function backendFolder(root: string): Promise<string | undefined> {
  const url = await backendUrl(root);
  if (!url?.startsWith("file://")) return undefined;
  const path = url.slice("file://".length).replace(/\?.*$/, "");
  return path.startsWith("~") ? join(accountHome(), path.slice(1)) : resolve(root, path);
}

/** Most projects name no backend: for them, neither a YAML parser nor zod is loaded. */
async function namedIn(root: string): Promise<string | undefined> {
  if (!(await readFile(projectFile(root), "utf8")).includes("backend")) return undefined;
  return (await (await import("../../project/project.ts")).findProject(root)).backend;
}
