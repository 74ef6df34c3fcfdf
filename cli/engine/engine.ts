import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { absent, stackArguments } from "../stack/pulumi.ts";
import { Display } from "./display.ts";
import { forCommand, leanEnvironment } from "./environment.ts";
import { parseEvent } from "./event.ts";

/** How a run of the engine ended. */
export interface Ended {
  readonly well: boolean;
  /** Whether it began at all: a stack, its state and its config were there to work on. */
  readonly began: boolean;
  readonly interrupted: boolean;
  /** Counts by kind of change; of a preview, what would change. */
  readonly changes: Readonly<Record<string, number>>;
  /** What was said of resources. */
  readonly said: ReadonlySet<string>;
}

export interface RunOptions {
  readonly stack: string | undefined;
  readonly folder?: string;
  /** What the preview before it has said. */
  readonly said?: ReadonlySet<string>;
}

const COMMANDS = {
  up: ["up", "--yes", "--skip-preview"],
  preview: ["preview"],
} as const;

/**
 * Runs `pulumi up` without its second run for a preview, or the preview alone, and shows it. The first Ctrl-C lets it finish the step
 * that runs and end by itself; a second one would lose what it knows, and does nothing.
 */
export async function runEngine(
  what: keyof typeof COMMANDS,
  { stack, folder = process.cwd(), said: known = new Set() }: RunOptions,
): Promise<Ended> {
  const args = [...COMMANDS[what], "--json", "--non-interactive", "--color", "never", ...stackArguments(stack)];
  const env = { ...process.env, ...leanEnvironment(), ...forCommand(args), PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
  const display = new Display({ out: process.stdout, err: process.stderr }, known);
  const start = performance.now();
  // In a group of its own, since a terminal sends Ctrl-C to the whole group.
  const engine = spawn("pulumi", args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const interruption = passInterruptions(engine, display);
  let began = false;
  createInterface({ input: engine.stdout }).on("line", (line) => {
    const event = parseEvent(line);
    if (typeof event === "string") return display.pass(line);
    began = true;
    display.hear(event);
  });
  const complaints: string[] = [];
  createInterface({ input: engine.stderr }).on("line", (line) => complaints.push(line));
  const code = await new Promise<number | null>((resolve, reject) => {
    engine.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? absent() : error));
    engine.once("close", resolve);
  }).finally(() => interruption.end());

  const { changes, unchanged, said } = display;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (code === 0) {
    for (const line of complaints) display.pass(line);
    display.end(summary(what, changes, unchanged, seconds));
  } else {
    if (!display.failed) display.error(complaints.join("\n"));
    display.endFailed();
  }
  return { well: code === 0, began, interrupted: interruption.happened(), changes, said };
}

/** @example summary("up", { update: 1 }, 5, "2.1") // "done in 2.1 s: 1 updated, 5 unchanged" */
function summary(what: "up" | "preview", changes: Ended["changes"], unchanged: number, seconds: string): string {
  const counts = Object.entries(changes).map(([op, count]) => `${count} to ${op}`);
  if (counts.length === 0) return `nothing to do: ${unchanged} unchanged`;
  return what === "preview" ? `${counts.join(", ")}, ${unchanged} unchanged` : `done in ${seconds} s`;
}

/** Ctrl-C, and what a CI system sends to stop a job, reach the engine once. */
function passInterruptions(engine: { kill(signal: "SIGINT"): boolean }, display: Display) {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let happened = false;
  const pass = () => {
    display.pass(
      happened
        ? "slipway: it ends as soon as the step that runs is done"
        : "slipway: interrupted; the step that runs is finished first",
    );
    if (!happened) engine.kill("SIGINT");
    happened = true;
  };
  for (const signal of signals) process.on(signal, pass);
  return {
    happened: () => happened,
    end: () => {
      for (const signal of signals) process.off(signal, pass);
    },
  };
}
