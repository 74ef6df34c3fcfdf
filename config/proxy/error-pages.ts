import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

/** File name → content: `503.html`. */
export type ErrorPages = Readonly<Record<string, string>>;

const PAGE = /^[45]\d\d\.html$/;

/** The pages in a folder of the project. */
export function readErrorPages(path: string | undefined, root: string, place: ConfigPath): ErrorPages | undefined {
  if (path === undefined) return undefined;
  const folder = resolve(root, path);
  const names = readFolder(folder);
  if (names === undefined) return void place.refuse(`the project has no folder ${quoted(path)}`);
  const pages = names.filter((name) => PAGE.test(name)).sort();
  if (pages.length === 0) place.refuse(`the folder ${quoted(path)} has no error page: name them 404.html, 503.html …`);
  return Object.fromEntries(pages.map((name) => [name, readFileSync(resolve(folder, name), "utf8")]));
}

const NO_FOLDER = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

function readFolder(folder: string): string[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  } catch (error) {
    if (NO_FOLDER.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
