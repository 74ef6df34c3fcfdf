import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { TraceEvent } from "../../hosts/index.ts";
import { builtCommand } from "../../tools/built.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PATIENCE: Seconds = 60;

/** The outcome of one `slipway` command. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The same, byte for byte. */
  readonly bytes: Buffer;
  readonly trace: readonly TraceEvent[];
}

/** A running `slipway` command. */
export interface Asking {
  readonly process: ChildProcessWithoutNullStreams;
  readonly done: Promise<Said>;
  /** All its output so far, stdout first. */
  output(): string;
  /** Settles when the text has appeared on stdout or stderr. */
  saw(text: string | RegExp): Promise<void>;
}

/** A stack, and its project's folder unless it is this one. */
interface Ran {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly folder?: string;
}

/** `slipway` as a user runs it, on this stack. @example await slipway(stack, "accessory logs", "db", "--grep", "ready") */
export function slipway(stack: Ran, command: string, ...args: readonly string[]): Promise<Said> {
  const asking = ask(stack, command, ...args);
  asking.process.stdin.end();
  return asking.done;
}

/** As `slipway`, but does not wait for the end. */
export const ask = ({ name, env, folder = ROOT }: Ran, command: string, ...args: readonly string[]): Asking =>
  launch(process.execPath, [builtCommand(), ...command.split(" "), "--stack", name, ...args], env, folder);

/** As `ask`, in a terminal of that size, whose user types on stdin. */
export function askInTerminal(stack: Ran, size: string, command: string, ...args: readonly string[]): Asking {
  const words = [process.execPath, builtCommand(), ...command.split(" "), "--stack", stack.name, ...args];
  return launch("script", ["-qec", `stty ${size}; ${words.join(" ")}`, "/dev/null"], stack.env, stack.folder);
}

function launch(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = ROOT): Asking {
  const trace = join(tmpdir(), `slipway-cli-${randomBytes(4).toString("hex")}`);
  const child = spawn(program, args, { cwd, env: { ...env, SLIPWAY_TRACE: trace }, timeout: PATIENCE * 1000 });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (data: Buffer) => stdout.push(data));
  child.stderr.on("data", (data: Buffer) => stderr.push(data));
  // A command that ends early closes its input.
  child.stdin.on("error", () => {});
  const done = new Promise<Said>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", async (code) => {
      const bytes = Buffer.concat(stdout);
      const texts = { stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString() };
      resolve({ code: code ?? -1, ...texts, bytes, trace: await readTrace(trace) });
    });
  });
  const output = () => Buffer.concat([...stdout, ...stderr]).toString();
  const saw = (text: string | RegExp) =>
    Deadline.in(PATIENCE).until(
      async () => ((typeof text === "string" ? output().includes(text) : text.test(output())) ? true : undefined),
      () => new Error(`"${text}" never appeared in:\n${output()}`),
    );
  return { process: child, done, output, saw: async (text) => void (await saw(text)) };
}

async function readTrace(file: string): Promise<TraceEvent[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  await rm(file, { force: true });
  return lines.map((line) => JSON.parse(line) as TraceEvent);
}
