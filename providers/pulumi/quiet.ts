import { SlipwayError } from "../../core/error.ts";

/** Lines that Pulumi's provider process is about to write. */
const unwanted = new Set<string>();
let wrapped = false;

/**
 * Before it answers a failed call, Pulumi's provider process writes `${error}: ${error.stack}` to its console, and the display shows
 * that beside the error itself: the same text twice, with a stack for what is no bug. For a `SlipwayError` that one line is left out;
 * all other lines pass. `SLIPWAY_PLAIN=1` turns this off.
 */
export async function withQuietErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof SlipwayError && process.env.SLIPWAY_PLAIN !== "1") leaveOut(`${thrown}: ${thrown.stack}`);
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
