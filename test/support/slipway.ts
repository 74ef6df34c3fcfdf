import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { TraceEvent } from "../../hosts/index.ts";
import type { LabStack } from "../../lab/stack.ts";

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

/** `slipway` as a user runs it, on this stack. @example await slipway(stack, "accessory logs", "db", "--grep", "ready") */
export function slipway(stack: LabStack, command: string, ...args: readonly string[]): Promise<Said> {
  const asking = ask(stack, command, ...args);
  asking.process.stdin.end();
  return asking.done;
}

/** As `slipway`, but does not wait for the end. */
export const ask = (stack: LabStack, command: string, ...args: readonly string[]): Asking =>
  launch(process.execPath, [join(ROOT, "cli", "main.ts"), ...command.split(" "), "--stack", stack.name, ...args], stack.env);

/** As `ask`, in a terminal of that size. */
export function askInTerminal(stack: LabStack, size: string, command: string, ...args: readonly string[]): Promise<Said> {
  const words = [process.execPath, join(ROOT, "cli", "main.ts"), ...command.split(" "), "--stack", stack.name, ...args];
  return launch("script", ["-qec", `stty ${size}; ${words.join(" ")}`, "/dev/null"], stack.env).done;
}

function launch(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Asking {
  const trace = join(tmpdir(), `slipway-cli-${randomBytes(4).toString("hex")}`);
  const child = spawn(program, args, { cwd: ROOT, env: { ...env, SLIPWAY_TRACE: trace }, timeout: PATIENCE * 1000 });
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
