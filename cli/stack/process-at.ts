import { readFile } from "node:fs/promises";

/**
 * Whether a process of this machine still runs. A number may belong to a different process by now: its command line has to match, where
 * the system shows it.
 */
export async function processAt(pid: number, command: RegExp): Promise<"running" | "ended"> {
  if (!isThere(pid)) return "ended";
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return line === undefined || command.test(line.replaceAll("\0", " ")) ? "running" : "ended";
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of a different user may not be signalled.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
