import { SlipwayError } from "../../core/error.ts";

/** Lines that the provider process is about to write on its own account. */
const unwanted = new Set<string>();
let wrapped = false;

/**
 * Before it answers a failed call, Pulumi's provider process writes `${error}: ${error.stack}` to its console, which the display
 * shows beside the error itself: the same text twice, and a stack for what is no bug. For errors that were made to be read, that one
 * line is left out; every other line of every other caller passes.
 */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof SlipwayError) leaveOut(`${thrown}: ${thrown.stack}`);
    throw thrown;
  }
}

function leaveOut(line: string): void {
  unwanted.add(line);
  if (wrapped) return;
  wrapped = true;
  const write = console.error.bind(console);
  console.error = (...parts: unknown[]) => {
    if (parts.length === 1 && typeof parts[0] === "string" && unwanted.delete(parts[0])) return;
    write(...parts);
  };
}
