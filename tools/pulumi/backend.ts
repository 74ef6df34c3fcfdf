import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { homeFolder } from "../../core/this-user.ts";
import { note } from "./note.ts";

/** The missing environment variables for a backend of the project in `root`. */
export async function backendFor(root: string): Promise<NodeJS.ProcessEnv> {
  return (await hasBackend(root)) ? {} : { PULUMI_BACKEND_URL: await localBackend(root) };
}

/** The existing backend of this user: set in the environment, in the project, or by a login. */
async function hasBackend(root: string): Promise<boolean> {
  if (process.env.PULUMI_BACKEND_URL || process.env.PULUMI_ACCESS_TOKEN) return true;
  const Project = z.object({ backend: z.object({ url: z.string() }).optional() });
  const project = Project.safeParse(parse(await readFile(join(root, "Pulumi.yaml"), "utf8").catch(() => "{}")));
  if (project.data?.backend !== undefined) return true;
  const Logins = z.object({ current: z.string().min(1) });
  const logins = join(
    process.env.PULUMI_CREDENTIALS_PATH || process.env.PULUMI_HOME || join(homeFolder(), ".pulumi"),
    "credentials.json",
  );
  return Logins.safeParse(JSON.parse(await readFile(logins, "utf8").catch(() => "{}"))).success;
}

/** A default backend: a folder of the project that git ignores. */
async function localBackend(root: string): Promise<string> {
  const folder = join(root, ".pulumi", "state");
  const isNew = !existsSync(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isNew)
    note("no Pulumi backend is set: using .pulumi/state in this project (change it with pulumi login or PULUMI_BACKEND_URL)");
  return pathToFileURL(folder).href;
}
