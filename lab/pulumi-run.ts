import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seconds } from "../core/words.ts";
import type { TraceEvent } from "../hosts/index.ts";

/** No run on the lab takes longer unless it is stuck. */
const PATIENCE: Seconds = 180;

/** An event of a trace. */
export interface TimedEvent extends TraceEvent {
  /** When it ended, in ISO 8601, as a provider process writes it. */
  readonly at?: string;
}

/** Result of one `pulumi` command, as its user saw it, and its network traffic. */
export interface Outcome {
  readonly code: number;
  /** stdout and stderr, in order. */
  readonly output: string;
  readonly seconds: Seconds;
  /** Connections, channels and Docker requests of its provider processes. */
  readonly trace: readonly TimedEvent[];
}

/** A running `pulumi` command. */
export interface Running {
  readonly process: ChildProcess;
  readonly done: Promise<Outcome>;
  /** Resolves when the text appears in the output; rejects if the command ends without it. */
  saw(text: string): Promise<void>;
}

interface Folders {
  readonly trace: string;
  readonly project: string;
}

/** Runs `pulumi` in a project, and traces what its provider processes do into a folder. */
export function launch(args: readonly string[], env: NodeJS.ProcessEnv, folders: Folders): Running {
  const trace = join(folders.trace, `trace-${randomBytes(3).toString("hex")}`);
  const start = performance.now();
  const child = spawn("pulumi", args, {
    cwd: folders.project,
    env: { ...env, SLIPWAY_TRACE: trace },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const alarm = setTimeout(() => child.kill("SIGKILL"), PATIENCE * 1000);
  const waiting = new Set<() => void>();
  let output = "";
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    for (const look of waiting) look();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", async (code, signal) => {
      clearTimeout(alarm);
      for (const look of waiting) look();
      const seconds = (performance.now() - start) / 1000;
      resolve({ code: code ?? (signal === "SIGINT" ? 130 : 137), output, seconds, trace: await readTrace(trace) });
    });
  });
  const saw = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (output.includes(text)) settle(resolve);
        else if (child.exitCode !== null || child.signalCode !== null)
          settle(() => reject(new Error(`"${text}" never appeared in:\n${output}`)));
      };
      const settle = (how: () => void) => {
        waiting.delete(look);
        how();
      };
      waiting.add(look);
      look();
    });
  return { process: child, done, saw };
}

async function readTrace(file: string): Promise<TimedEvent[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as TimedEvent);
}
