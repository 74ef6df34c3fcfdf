import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { configFolders } from "../../project/config-files.ts";
import { backendFolder } from "./backend-folder.ts";

/** Where `slipway rollback` and `slipway promote` note what they change: beside the stack's file, `.Pulumi.production.yaml.rollback`. */
export const JOURNAL = { prefix: ".Pulumi.", ending: ".rollback" } as const;

/** Whether a stack of the backend is locked, of this project or another one. Only a backend in a folder is looked at. */
export async function mayHoldLock(root: string): Promise<boolean> {
  const backend = await backendFolder(root);
  if (backend === undefined) return false;
  const names = await readdir(join(backend, ".pulumi", "locks"), { recursive: true }).catch((): string[] => []);
  return names.some((name) => name.endsWith(".json"));
}

/** Whether such a command has not removed its note, be it that it was killed or that it runs. */
export async function mayHaveBeenKilled(root: string): Promise<boolean> {
  const names = await Promise.all(configFolders(root).map((folder) => readdir(folder).catch((): string[] => [])));
  return names.flat().some((name) => name.startsWith(JOURNAL.prefix) && name.endsWith(JOURNAL.ending));
}
