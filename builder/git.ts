import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bytes, Milliseconds } from "../core/words.ts";

/** What git says of a folder. */
export interface Commit {
  /** Short. */
  readonly commit: string;
  /** Paths from the folder, below it, that differ from the commit. Sorted. */
  readonly uncommitted: readonly string[];
}

const TIMEOUT: Milliseconds = 10_000;
const MOST: Bytes = 16 * 1024 * 1024;

const run = promisify(execFile);

/** The commit that is checked out in a folder; `undefined` without git, outside of a repository, or before its first commit. */
export async function commitAt(folder: string): Promise<Commit | undefined> {
  const git = async (...args: string[]): Promise<string> => {
    // What only reads must not wait for, nor disturb, what the user does at the same time.
    const options = { timeout: TIMEOUT, maxBuffer: MOST, env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" } };
    return (await run("git", ["-C", folder, ...args], options)).stdout;
  };
  try {
    const [names, status] = await Promise.all([
      git("rev-parse", "--show-prefix", "--short", "HEAD"),
      git("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", "."),
    ]);
    const [prefix = "", commit = ""] = names.split("\n");
    if (commit === "") return undefined;
    const paths = status.split("\0").flatMap((line) => (line.length < 4 ? [] : [line.slice(3)]));
    return { commit, uncommitted: paths.map((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path)).sort() };
  } catch {
    // No git, no repository, no commit: there is no version in it either.
    return undefined;
  }
}
