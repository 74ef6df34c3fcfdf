import { spawn } from "node:child_process";
import type { Seconds } from "../core/words.ts";

export interface CommandOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Seconds until it is killed. Default 60. */
  readonly timeout?: Seconds;
}

/** Runs a command on this machine and returns its stdout; a non-zero exit is an error with the end of its output. */
export async function command(argv: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const { input = "", cwd, env = process.env, timeout = 60 } = options;
  const [file, ...args] = argv;
  const child = spawn(file, args, { env, timeout: timeout * 1000, killSignal: "SIGKILL", ...(cwd === undefined ? {} : { cwd }) });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {}); // a command that does not read its input closes it early
  child.stdin.end(input);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...ended) => resolve(ended));
  });
  if (code === 0) return Buffer.concat(stdout).toString();
  const tail = Buffer.concat([...stdout, ...stderr])
    .toString()
    .trim()
    .split("\n")
    .slice(-15)
    .join("\n");
  throw new Error(`${argv.join(" ")}: ${signal === null ? `exit code ${code}` : `killed by ${signal}`}\n${tail}`);
}
