import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { signalChild } from "../../core/child.ts";
import { operator } from "../../core/operator.ts";
import { absent, stackArguments } from "../../project/pulumi.ts";
import { COMMAND_VARIABLE } from "../../providers/pulumi/command-variable.ts";
import { offerSecrets } from "../stack/offered-secrets.ts";
import type { Display } from "./display.ts";
import { displayOf, forCommand, leanEnvironment } from "./environment.ts";

/** How a run of the engine ended. */
export interface Ended {
  readonly well: boolean;
  /** Whether it started at all: the stack, its state and its config were found. */
  readonly began: boolean;
  readonly interrupted: boolean;
  /** Counts by kind of change; for a preview, what would change. */
  readonly changes: Readonly<Record<string, number>>;
  /** Messages that were shown. */
  readonly said: ReadonlySet<string>;
  /** The stack's name in the state; `undefined` if the run ended before it was known. */
  readonly stack: string | undefined;
}

export interface RunOptions {
  readonly stack: string | undefined;
  readonly folder?: string;
  /** The command as it was typed, for errors that say to run it again. */
  readonly command?: string;
  /** Messages that the preview before it has shown. */
  readonly said?: ReadonlySet<string>;
  /** In addition to those of every run. */
  readonly env?: NodeJS.ProcessEnv;
}

const COMMANDS = {
  up: ["up", "--yes", "--skip-preview"],
  preview: ["preview"],
} as const;

/**
 * Runs `pulumi up` without its separate preview, or the preview alone, and shows it. After the first Ctrl-C it finishes the current step
 * and stops. A second one would lose its state, so it does nothing.
 */
export async function runEngine(
  what: keyof typeof COMMANDS,
  { stack, folder = process.cwd(), said: known = new Set(), command, env: more = {} }: RunOptions,
): Promise<Ended> {
  await using secrets = await offerSecrets(stack, folder);
  // Pulumi keeps it with the update: which job or person it was, its own record does not say.
  const by = what === "up" ? [`--message=${messageOf(command)}`] : [];
  const args = [...COMMANDS[what], ...by, "--json", "--non-interactive", "--color", "never", ...stackArguments(stack)];
  const env = {
    ...process.env,
    ...leanEnvironment(),
    ...forCommand(args),
    ...displayOf(process.stdout),
    PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
    [COMMAND_VARIABLE]: command ?? SLIPWAY,
    ...secrets?.env,
    ...more,
  };
  const start = performance.now();
  // In its own process group: a terminal sends Ctrl-C to the whole group.
  const engine = spawn("pulumi", args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const interruption = passInterruptions(engine);
  const exit = exitOf(engine);
  // What shows its output is loaded while it starts; the output waits in its pipes.
  const [{ Display }, { parseEvent, stackOfUrn }] = await Promise.all([import("./display.ts"), import("./event.ts")]);
  const together = what === "preview" ? { together: Number.POSITIVE_INFINITY } : {};
  const display = new Display({ out: process.stdout, err: process.stderr }, { said: known, command, ...together });
  interruption.showOn(display);
  let began = false;
  let own: string | undefined;
  createInterface({ input: engine.stdout }).on("line", (line) => {
    const event = parseEvent(line);
    if (typeof event === "string") return display.pass(line);
    began = true;
    own ??= stackOfUrn(event.resourcePreEvent?.metadata.urn);
    display.hear(event);
  });
  const complaints: string[] = [];
  createInterface({ input: engine.stderr }).on("line", (line) => complaints.push(line));
  const code = await exit.finally(() => interruption.end());

  const { changes, unchanged, said } = display;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (code === 0) {
    for (const line of complaints) display.pass(line);
    display.end(summary(what, changes, unchanged, seconds));
  } else {
    const printed = complaints.join("\n");
    const { lockIn } = await import("../stack/pulumi-lock.ts");
    if (!display.failed) display.error((await lockIn(printed, stack))?.message ?? printed);
    display.endFailed();
  }
  return { well: code === 0, began, interrupted: interruption.happened(), changes, said, stack: own };
}

const SLIPWAY = "slipway";

const messageOf = (command = SLIPWAY): string => `${command} by ${operator()}`;

/** Awaited later: what fails before then is not lost, and no unhandled rejection. */
function exitOf(engine: ChildProcess): Promise<number | null> {
  const exit = new Promise<number | null>((resolve, reject) => {
    engine.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? absent() : error));
    engine.once("close", resolve);
  });
  exit.catch(() => {});
  return exit;
}

/** @example summary("up", { update: 1 }, 5, "2.1") // "done in 2.1 s: 1 updated, 5 unchanged" */
function summary(what: "up" | "preview", changes: Ended["changes"], unchanged: number, seconds: string): string {
  const counts = Object.entries(changes).map(([op, count]) => `${count} to ${op}`);
  if (counts.length === 0) return `nothing to do: ${unchanged} unchanged`;
  return what === "preview" ? `${counts.join(", ")}, ${unchanged} unchanged` : `done in ${seconds} s`;
}

/** Passes Ctrl-C, and the signals with which CI systems stop a job, to the engine once. */
function passInterruptions(engine: ChildProcess) {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let happened = false;
  let display: Display | undefined;
  const say = (line: string) => display?.pass(`slipway: ${line}`);
  const FIRST = "interrupted; finishing the current step first";
  const pass = () => {
    say(happened ? "stopping after the current step" : FIRST);
    if (!happened) signalChild(engine, "SIGINT");
    happened = true;
  };
  for (const signal of signals) process.on(signal, pass);
  return {
    happened: () => happened,
    showOn: (shown: Display) => {
      display = shown;
      if (happened) say(FIRST);
    },
    end: () => {
      for (const signal of signals) process.off(signal, pass);
    },
  };
}
