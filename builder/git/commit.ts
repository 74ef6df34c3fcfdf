import { relative, sep } from "node:path";
import { git } from "./run.ts";

/** What git says of a folder. */
export interface Commit {
  /** Short. */
  readonly commit: string;
  /** Paths from the folder that differ from the commit: below it, and those that were asked for beside it. Sorted. */
  readonly uncommitted: readonly string[];
}

/**
 * The commit that is checked out in a folder; `undefined` without git, outside of a repository, or before its first commit.
 *
 * @param beside a file that may be outside of the folder
 */
export async function commitAt(folder: string, beside?: string): Promise<Commit | undefined> {
  const also = beside === undefined ? undefined : pathFrom(folder, beside);
  const isOutside = also?.startsWith("../") === true;
  try {
    const [names, status, other] = await Promise.all([
      git(folder, ["rev-parse", "--show-prefix", "--short", "HEAD"]),
      git(folder, [...STATUS, "."]),
      // It may be in another repository, or in none.
      isOutside ? git(folder, [...STATUS, also]).catch(() => "") : "",
    ]);
    const [prefix = "", commit = ""] = names.split("\n");
    if (commit === "") return undefined;
    const below = pathsIn(status).map((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path));
    return { commit, uncommitted: [...below, ...(also !== undefined && other !== "" ? [also] : [])].sort() };
  } catch {
    // No git, no repository, no commit: there is no version in it either.
    return undefined;
  }
}

const STATUS = [...["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=none"], "--"];

const pathsIn = (status: string): string[] => status.split("\0").flatMap((line) => (line.length < 4 ? [] : [line.slice(3)]));

const pathFrom = (folder: string, file: string): string => relative(folder, file).split(sep).join("/");
