import { spawn } from "node:child_process";
import type { Bytes, Milliseconds } from "../../core/words.ts";

const TIMEOUT: Milliseconds = 120_000;
/** Of a million files. */
const MOST: Bytes = 128 * 1024 * 1024;

interface Options {
  /** In addition to those of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input. */
  readonly input?: string;
}

/** Of a repository around this process, as inside of a git hook: they would lead away from the folder that is asked for. */
const LEADS_AWAY = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"];

/** There is no git on this machine. */
export class GitMissing extends Error {}

/** Runs git in a folder, and returns what it printed. Rejects if it is missing or fails, with its own words. */
export function git(folder: string, args: readonly string[], { env: more = {}, input = "" }: Options = {}): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !LEADS_AWAY.includes(name));
  // What only reads must not wait for, nor disturb, what the user does at the same time.
  const env = { ...Object.fromEntries(own), GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C", ...more };
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["-C", folder, ...args], { env, timeout: TIMEOUT, stdio: ["pipe", "pipe", "pipe"] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let size: Bytes = 0;
    child.stdout.on("data", (part: Buffer) => {
      size += part.length;
      if (size > MOST) child.kill();
      else out.push(part);
    });
    child.stderr.on("data", (part: Buffer) => err.push(part));
    child.once("error", (thrown: NodeJS.ErrnoException) => reject(thrown.code === "ENOENT" ? new GitMissing() : thrown));
    // A process that ends before it has read all of its input reports the reason by its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.once("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else if (size > MOST) reject(new Error(`git ${args[0] ?? ""} printed more than ${MOST} bytes`));
      else reject(new Error(Buffer.concat(err).toString().trim() || `git ${args[0] ?? ""} ended with ${code ?? "a signal"}`));
    });
  });
}
