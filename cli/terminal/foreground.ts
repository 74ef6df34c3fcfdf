import { spawn } from "node:child_process";
import { constants as os } from "node:os";
import { signalChild } from "../../core/child.ts";

/**
 * Runs a program on this terminal and returns its exit code. It receives Ctrl-C from the terminal and may take time to end (Pulumi
 * finishes the running step), so this process only waits for it.
 */
export function inForeground(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const running = spawn(program, args, { env, stdio: "inherit" });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => signalChild(running, "SIGTERM"));
  return new Promise((resolve, reject) => {
    running.once("error", reject);
    running.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal])));
  });
}
