import { spawn } from "node:child_process";
import { constants as os } from "node:os";
import { messageOf, SlipwayError } from "../core/error.ts";

export interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs a program on this terminal and returns its exit code. It receives Ctrl-C from the terminal and may take time to end (Pulumi
 * finishes the running step), so this process only waits for it.
 */
export function inForeground(program: string, args: readonly string[], place: Place): Promise<number> {
  const running = spawn(program, args, { ...place, stdio: "inherit" });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => running.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    running.once("error", reject);
    running.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal])));
  });
}

/** Sets the exit code of this process to the result of `work`. A `SlipwayError` is printed without a stack trace. */
export async function endWith(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (failure) {
    if (!(failure instanceof SlipwayError)) throw failure;
    console.error(`error: ${messageOf(failure)}`);
    process.exitCode = 1;
  }
}
