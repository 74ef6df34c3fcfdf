import { readFile } from "node:fs/promises";
import { isRunning } from "../../core/is-running.ts";

/**
 * Whether a process of this machine still runs. A number may belong to a different process by now: its command line has to match, where
 * the system shows it.
 */
export async function processAt(pid: number, command: RegExp): Promise<"running" | "ended"> {
  if (!isRunning(pid)) return "ended";
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return line === undefined || command.test(line.replaceAll("\0", " ")) ? "running" : "ended";
}
