import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Bytes } from "../core/words.ts";

/** More files than this are not compared: a run of the engine costs less. */
export const MOST_FILES = 1000;
/** The largest file that an accessory may have. A larger one is no part of a declaration. */
export const LARGEST: Bytes = 2 ** 20;

/** There is more than can be compared, or something that cannot be followed. The message says what. */
export class Unbounded extends Error {}

/** Dependencies are covered by the lock file, and a program does not read its tests. */
const SKIPPED = new Set(["node_modules", "test", "tests", "docs", "coverage"]);
const DATA = /^[^.].*\.(?:[cm]?[jt]sx?|json|ya?ml|toml|env|html?|css|txt|pem|crt|key|conf|sh)$|^\.env/;

/** Whether a file may be part of a program, by its name. */
export const isData = (name: string): boolean => DATA.test(name);

/** The files of a folder that may be part of a program, without those of the folders in it. */
export function filesIn(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => isData(entry.name) && kindOf(entry, join(folder, entry.name)) === "file")
    .map(({ name }) => join(folder, name));
}

/** The same of all folders in it, too. */
export function treeOf(folder: string, left = MOST_FILES): string[] {
  const found: string[] = [];
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    const kind = kindOf(entry, path);
    if (kind === "file" && isData(entry.name)) found.push(path);
    if (kind === "folder" && !entry.name.startsWith(".") && !SKIPPED.has(entry.name))
      found.push(...treeOf(path, left - found.length));
    if (found.length > left) throw new Unbounded(`the program reads a folder with more than ${MOST_FILES} files: ${folder}`);
  }
  return found;
}

/** In the same order on every machine. */
const entriesOf = (folder: string): Dirent[] =>
  readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));

/** A link counts as what it leads to, unless that is missing, or a folder around it. */
function kindOf(entry: Dirent, path: string): "file" | "folder" | "other" {
  if (entry.isDirectory()) return "folder";
  if (entry.isFile()) return "file";
  const kind = entry.isSymbolicLink() ? kindAt(path) : "missing";
  if (kind === "file") return "file";
  return kind === "folder" && !contains(path, dirname(path)) ? "folder" : "other";
}

/** What is at a path, links followed. A file that is too large counts as missing. */
export function kindAt(path: string): "file" | "folder" | "missing" {
  // A word that is too long to be a name makes stat fail.
  const found = existsSync(path) ? statSync(path) : undefined;
  if (found?.isDirectory()) return "folder";
  return found?.isFile() && found.size <= LARGEST ? "file" : "missing";
}

/** Whether a folder is, or is around, what is at a path; both exist. */
export const contains = (folder: string, path: string): boolean =>
  `${realpathSync(path)}${sep}`.startsWith(`${realpathSync(folder)}${sep}`);
