import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import dockerignore from "@balena/dockerignore";
import { configFolders } from "../../project/config-files.ts";
import { projectFile } from "../../project/place.ts";
import type { Place } from "../place.ts";

/** Which paths of a context are left out of it. */
export interface Ignored {
  /** @param path from the context's folder, with `/` */
  readonly ignores: (path: string) => boolean;
  /** Whether nothing below an ignored folder can be taken back, so that it need not be read. */
  readonly prunes: boolean;
}

/**
 * What is left out of a context: what its `.dockerignore` says; one beside a Dockerfile of another name has precedence, as in BuildKit. Before
 * that, what is no part of an app and changes with each command: git's own files, and those of the deployment, such as Pulumi's state. A line
 * `!.git` takes it back.
 */
export function ignoreText(place: Place): string {
  const file = ignoreFilesOf(place).find((path) => existsSync(path));
  return ignoreTextWith(place, file === undefined ? undefined : readFileSync(file, "utf8"));
}

/** Where it may be written what is left out; the first that there is counts. */
export const ignoreFilesOf = ({ context, dockerfile }: Pick<Place, "context" | "dockerfile">): readonly string[] => [
  `${dockerfile}.dockerignore`,
  join(context, ".dockerignore"),
];

/** The same for what such a file says; `undefined`: the file is missing. */
export const ignoreTextWith = ({ context, project }: Pick<Place, "context" | "project">, written: string | undefined): string =>
  [...ownPatterns(context, project), (written ?? "").replace(/^\uFEFF/, "")].join("\n");

/** The files of a project that lie in the context. What is installed in a folder for the deployment is no part of the app, either. */
function ownPatterns(context: string, project: string): string[] {
  const isProject = existsSync(projectFile(project));
  const folders = isProject ? configFolders(project) : [project];
  const own = [
    pattern(context, project, ".pulumi"),
    pattern(context, project, "Pulumi.yaml"),
    ...folders.flatMap((folder) => ["Pulumi.*.yaml", "Pulumi.*.yml"].map((name) => pattern(context, folder, name))),
    project === context ? undefined : pattern(context, project, "node_modules"),
  ];
  return [".git", ...own.filter((one) => one !== undefined)];
}

/** A name in a folder, from the context's; `undefined`: the folder is outside of that. */
function pattern(context: string, folder: string, name: string): string | undefined {
  const below = relative(context, folder).split(sep).join("/");
  if (below.startsWith("..") || isAbsolute(below)) return undefined;
  return below === "" ? name : `${below.replace(/[*?[\\]/g, "\\$&")}/${name}`;
}

/** @example ignoredIn({ context: "/shop", dockerfile: "/shop/Dockerfile", project: "/shop" }).ignores(".git/HEAD") // true */
export const ignoredIn = (place: Place): Ignored => ignoredBy(ignoreText(place));

/** @example ignoredBy("node_modules\n").ignores("node_modules/zod/index.js") // true */
export function ignoredBy(text: string): Ignored {
  const patterns = text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim().replace(SIGNS, "\\$&"))
    .filter((line) => line !== "");
  // Docker compares names as they are written; the package does so only if it is asked to.
  const rules = dockerignore.default({ ignorecase: false }).add(patterns);
  return { ignores: (path) => rules.ignores(path), prunes: !patterns.some((pattern) => pattern.startsWith("!")) };
}

/** Signs of regular expressions that are plain letters in patterns; the package would take them for the former. */
const SIGNS = /[(){}+|]/g;
