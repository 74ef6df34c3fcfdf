import { spawn } from "node:child_process";
import { constants as os } from "node:os";
import { messageOf, SlipwayError } from "../core/error.ts";

export interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs a program on this terminal and gives its exit code. Ctrl-C reaches it from the terminal, and it ends in its own time (Pulumi
 * finishes the running step): this process only has to outlast it.
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

/** Sets the exit code of this process to what `work` gives. What a user must act on is told without a trace. */
export async function endWith(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (failure) {
    if (!(failure instanceof SlipwayError)) throw failure;
    console.error(`error: ${messageOf(failure)}`);
    process.exitCode = 1;
  }
}
