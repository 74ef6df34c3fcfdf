import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The file that makes a folder a project. */
export const projectFile = (root: string): string => join(root, "Pulumi.yaml");

/** The folder with Pulumi.yaml, as Pulumi finds it: this one, or the nearest above it. */
export function projectAround(folder: string): string | undefined {
  if (existsSync(projectFile(folder))) return folder;
  return dirname(folder) === folder ? undefined : projectAround(dirname(folder));
}

/** The same; outside of a project the folder itself. */
export const projectOf = (folder: string): string => projectAround(folder) ?? folder;

/** A stack's own name, as its program sees it. @example shortName("acme/shop/production") // "production" */
export const shortName = (stack: string): string => basename(stack);
