import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import { Deadline } from "../../../core/deadline.ts";
import type { Hook } from "../../../core/hook.ts";
import type { Bytes, Seconds } from "../../../core/words.ts";
import { OutputTail } from "../../../hosts/index.ts";
import { Lines } from "./lines.ts";

const MAX_OUTPUT: Bytes = 64 * 1024;
/** Between SIGTERM and SIGKILL. */
const GRACE: Seconds = 5;
/** What it has left running, as a tunnel, may keep its output open: that is not waited for. */
const DRAIN: Seconds = 1;

export interface Around {
  /** The project's folder. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends it when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Gets what it prints while it runs, in whole lines. */
  readonly heard: (lines: readonly string[]) => void;
}

export interface Ended {
  /** Why it did not succeed; `undefined`: it did. */
  readonly failure: string | undefined;
  /** The end of what it has printed. */
  readonly output: string;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Runs a hook to its end. It is a group of processes of its own: what ends it ends all that it has started. */
export async function execute(hook: Hook, { root, env, signal, heard }: Around): Promise<Ended> {
  if (signal?.aborted === true) return { failure: CANCELLED, output: "" };
  const child = start(hook, root, env);
  if (typeof child === "string") return { failure: child, output: "" };
  const output = new OutputTail(MAX_OUTPUT);
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new Lines(heard);
    stream.on("data", (part: Buffer) => {
      output.add(part);
      lines.add(part);
    });
    stream.once("close", () => lines.end());
  }
  const failure = await endOf(child, hook.timeout, signal);
  return { failure, output: output.text.trim() };
}

/** @returns why it could not be started: an environment that is too long is refused at once */
function start(hook: Hook, root: string, env: NodeJS.ProcessEnv): Child | string {
  try {
    return spawn("/bin/sh", shellArguments(hook, root), {
      cwd: folderOf(hook, root),
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (thrown) {
    return notStarted(thrown);
  }
}

const CANCELLED = "the run was cancelled";

/** A file without a first line that names its interpreter is run by `sh`, as a shell does. */
const shellArguments = ({ run }: Hook, root: string): string[] =>
  "file" in run ? ["-c", 'exec "$0"', resolve(root, run.file)] : ["-c", ["set -e", ...run.commands].join("\n")];

/** Hooks of Kamal run in the folder that has `.kamal`, which is not the project's when `slipway import` has put it beside. */
export function folderOf({ run }: Hook, root: string): string {
  if (!("file" in run)) return root;
  const folder = dirname(resolve(root, run.file));
  return folder.endsWith("/.kamal/hooks") ? resolve(folder, "../..") : root;
}

async function endOf(child: Child, timeout: Seconds, signal: AbortSignal | undefined): Promise<string | undefined> {
  const late = new Error(`it did not end within ${timeout} s`);
  const cancelled = new Error(CANCELLED);
  const exit: Promise<unknown[]> = once(child, "exit");
  const closed = once(child, "close");
  for (const settled of [exit, closed]) settled.catch(() => {});
  let cancel = () => {};
  const cancellation = new Promise<never>((_, reject) => {
    cancel = () => reject(cancelled);
    signal?.addEventListener("abort", cancel, { once: true });
  });
  cancellation.catch(() => {});
  try {
    const [code, by] = await Deadline.in(timeout).race(Promise.race([exit, cancellation]), () => late);
    return code === 0 ? undefined : `exit code ${code ?? by}`;
  } catch (thrown) {
    const ended = [late, cancelled].find((why) => why === thrown);
    if (ended === undefined) return notStarted(thrown);
    await endGroup(child.pid);
    return ended.message;
  } finally {
    signal?.removeEventListener("abort", cancel);
    await Deadline.in(DRAIN)
      .race(closed, () => late)
      .catch(() => {});
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Of what Node says only the code: the message may have the environment. */
function notStarted(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
  return `it could not be started (${code})`;
}

/** What it has started may need a moment to end, and may ignore the first signal. */
async function endGroup(leader: number | undefined): Promise<void> {
  if (leader === undefined || !signalGroup(leader, "SIGTERM")) return;
  const stays = new Error("it did not end");
  await Deadline.in(GRACE)
    .until(
      async () => (signalGroup(leader, 0) ? undefined : true),
      () => stays,
    )
    .catch((thrown: unknown) => {
      if (thrown !== stays) throw thrown;
      signalGroup(leader, "SIGKILL");
    });
}

/** @returns whether any of it is left */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
