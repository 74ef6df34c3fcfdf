import { basename, relative, resolve } from "node:path";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { hasApp } from "./app/app.ts";
import { type AppFiles, appFilesIn } from "./app/files.ts";

/** Where the app is, and where its project is written. */
export interface Place {
  readonly app: string;
  readonly project: string;
  /** From the project to the app: the context of a build. */
  readonly context: string;
}

const USUAL = "deploy";

/**
 * In `deploy/` of the app's folder. In a folder without an app, the project is written there; the app of a folder `deploy` is that of the
 * folder above, any other comes later.
 *
 * @param wanted the project's folder, from the app's
 */
export function placeIn(folder: string, wanted: string | undefined): Place {
  const at = (app: string, project: string): Place => ({ app, project, context: relative(project, app) || "." });
  if (wanted !== undefined) return at(folder, resolve(folder, wanted));
  if (hasApp(withoutOwn(appFilesIn(folder)))) return at(folder, resolve(folder, USUAL));
  const above = resolve(folder, "..");
  // A home folder may have files of that kind, too: it is no app that has its projects below.
  return basename(folder) === USUAL && hasApp(appFilesIn(above)) ? at(above, folder) : at(folder, folder);
}

/** A package.json that only depends on Slipway is no app's: `npm install slipway` has made it. */
const withoutOwn = (files: AppFiles): AppFiles => ({
  ...files,
  read: (path) => {
    const text = files.read(path);
    return path === "package.json" && dependsOn(text ?? "", "slipway") ? undefined : text;
  },
});

/** Whether a package.json names a package. */
export function dependsOn(manifest: string, name: string): boolean {
  const written = parseJson(manifest);
  const lists = isMap(written) ? [written.dependencies, written.devDependencies] : [];
  return lists.some((list) => isMap(list) && name in list);
}
