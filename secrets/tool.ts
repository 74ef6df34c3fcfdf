import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { signalChild } from "../core/child.ts";
import { Deadline } from "../core/deadline.ts";
import { Mask } from "../core/mask.ts";
import { readAtMost } from "../core/read-at-most.ts";
import { linesOf, printable } from "../core/text.ts";
import type { Bytes, Seconds } from "../core/words.ts";
import { type Asking, toolEnvironment } from "./asking.ts";
import { Refusal } from "./refusal.ts";

/** The program of a store. */
export interface Tool {
  readonly program: string;
  /** How it is installed. */
  readonly install: string;
}

/** How one call ended. */
export interface Ended {
  readonly code: number;
  /** Has values: never shown. */
  readonly stdout: string;
  /** Without values of the environment, for messages. */
  readonly said: string;
}

export interface CallOptions {
  /** In addition to the environment. Values go this way, never as arguments. */
  readonly env?: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** Whether it may ask the person at the terminal, where there is one. */
  readonly mayPrompt?: true;
}

export const PATIENCE: Seconds = 60;
/** A person looks for the phone. */
const PATIENCE_OF_PERSON: Seconds = 300;
const LARGEST: Bytes = 4 * 1024 * 1024;
const LONGEST_LINE = 300;
const KILLED_AFTER: Seconds = 2;

/** Runs a program without a shell, for its output. It has no input, unless it may prompt at a terminal. Rejects with a `Refusal`. */
export async function call(tool: Tool, args: readonly string[], asking: Asking, options: CallOptions = {}): Promise<Ended> {
  const { prompts } = asking;
  if (options.mayPrompt === undefined || prompts === undefined) return run(tool, args, asking, options, PATIENCE);
  return prompts.alone(() => run(tool, args, asking, options, PATIENCE_OF_PERSON));
}

async function run(
  { program, install }: Tool,
  args: readonly string[],
  { env, folder, prompts }: Asking,
  { env: more = {}, folder: own = folder, mayPrompt }: CallOptions,
  patience: Seconds,
): Promise<Ended> {
  const full = { ...toolEnvironment(env), ...more };
  const isTalking = mayPrompt !== undefined && prompts !== undefined;
  const shared = isTalking ? "inherit" : "ignore";
  const child = spawn(program, args, { cwd: own, env: full, stdio: [shared, "pipe", isTalking ? "inherit" : "pipe"] });
  const late = () => new Refusal(`${program} did not answer within ${patience} s`);
  try {
    return await Deadline.in(patience).race(endOf(child, { program, install, folder: own, mask: maskOf(full) }), late);
  } finally {
    end(child);
  }
}

interface Running {
  readonly program: string;
  readonly install: string;
  readonly folder: string;
  readonly mask: Mask;
}

async function endOf(child: ChildProcess, { program, install, folder, mask }: Running): Promise<Ended> {
  const { stdout, stderr } = child;
  const read = async (stream: typeof stdout) => (stream === null ? Buffer.alloc(0) : readAtMost(stream, LARGEST));
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    // One that a signal ended has no code.
    child.once("close", (code) => resolve(code ?? 1));
  });
  try {
    const [out, err, code] = await Promise.all([read(stdout), read(stderr), exit]);
    return { code, stdout: out.toString("utf8"), said: saidIn(err.toString("utf8"), mask) };
  } catch (thrown) {
    throw refusalOf(thrown, { program, install, folder });
  }
}

function refusalOf(thrown: unknown, { program, install, folder }: Omit<Running, "mask">): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  if (!existsSync(folder)) return new Refusal(`the folder ${folder} does not exist`);
  if (code === "ENOENT") return new Refusal(`needs ${program}, which is not on PATH: ${install}`);
  if (code === "EACCES") return new Refusal(`${program} cannot be run: it is not executable`);
  if (code === "E2BIG") return new Refusal(`${program} cannot be run: its environment is larger than the system allows`);
  return new Refusal(`${program}: ${thrown.message}`, { cause: thrown });
}

/** One that does not end, or prints too much, is killed. */
function end(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  signalChild(child, "SIGTERM");
  child.stdout?.destroy();
  child.stderr?.destroy();
  const kill = setTimeout(() => signalChild(child, "SIGKILL"), KILLED_AFTER * 1000);
  kill.unref();
  child.once("exit", () => clearTimeout(kill));
}

/** What a program complains about at its end, as one line. */
function saidIn(stderr: string, mask: Mask): string {
  const lines = linesOf(stderr)
    .slice(-3)
    .map((line) => printable(line).trim());
  return mask.hide(lines.join("; ")).slice(0, LONGEST_LINE);
}

/** Values of variables that hold a secret by their name: a program may print its token. */
const maskOf = (env: NodeJS.ProcessEnv): Mask =>
  new Mask(
    Object.entries(env).flatMap(([name, value]) =>
      /TOKEN|SECRET|PASS|KEY|SESSION|CREDENTIAL/i.test(name) && value ? [value] : [],
    ),
  );

/** The end of a message: what a program said, if it said something. */
export const because = (program: string, { code, said }: Pick<Ended, "code" | "said">): string =>
  said === "" ? `${program} ended with exit code ${code}` : `${program} says: ${said}`;
