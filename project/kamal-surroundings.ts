import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Bytes } from "../core/words.ts";
import type { Surroundings } from "../kamal/source/surroundings.ts";

/** Nothing that Kamal's files name is larger. */
const LARGEST: Bytes = 4 * 2 ** 20;
const GIT_TIMEOUT = 10_000;

/** This machine, as Kamal's files see it from the app's folder. */
export const surroundingsIn = (folder: string): Surroundings => ({
  env: process.env,
  readFile: (path) => {
    const file = resolve(folder, path);
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= LARGEST ? readFileSync(file, "utf8") : undefined;
  },
  filesIn: (path) => filesBelow(resolve(folder, path)),
  git: (args) => {
    const { status, stdout } = spawnSync("git", [...args], { cwd: folder, encoding: "utf8", timeout: GIT_TIMEOUT });
    return status === 0 ? stdout.replace(/\n$/, "") : undefined;
  },
});

/** Nothing that is copied into a container has more. */
const MOST_FILES = 200;

function filesBelow(folder: string): string[] | undefined {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const found: string[] = [];
  const look = (within: string): void => {
    for (const one of readdirSync(join(folder, within), { withFileTypes: true })) {
      if (found.length > MOST_FILES) return;
      if (one.isDirectory()) look(join(within, one.name));
      else if (one.isFile()) found.push(join(within, one.name));
    }
  };
  look("");
  return found.length > MOST_FILES ? [] : found.sort();
}

/** The destinations that have a file beside the base. @example destinationsOf("/app", "config/deploy.yml") // ["production", "staging"] */
export function destinationsOf(folder: string, base: string): string[] {
  const [, name = "", end = ""] = /^(.*)(\.ya?ml)$/.exec(basename(base)) ?? [];
  const place = join(folder, dirname(base));
  const names = statSync(place, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(place) : [];
  return names
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith(end) && file.length > name.length + 1 + end.length)
    .map((file) => file.slice(name.length + 1, -end.length))
    .sort();
}
