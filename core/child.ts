import type { ChildProcess } from "node:child_process";

/**
 * Signals a program that was started. One that could not be has no pid, and `kill` would then signal the process whose number happens to be
 * in memory that was never written: seen is 0, which is our own process group.
 *
 * @example signalChild(engine, "SIGINT")
 */
export function signalChild(child: Pick<ChildProcess, "pid" | "kill">, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) child.kill(signal);
}
