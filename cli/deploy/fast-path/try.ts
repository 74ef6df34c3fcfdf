import { Deadline } from "../../../core/deadline.ts";
import { messageOf } from "../../../core/error.ts";
import type { Seconds } from "../../../core/words.ts";
import { exportStack, showConfig } from "../../../project/pulumi.ts";
import { type Outcome, startEngine } from "./outcome.ts";

/** A fast path that takes much longer than the engine is pointless. */
const TIMEOUT: Seconds = 10;

/**
 * Checks whether there is anything to do, without the engine. Answers "nothing to do" only if all of this holds; any doubt and any error
 * means that the engine decides:
 * - every resource of the state is Slipway's, and the state is from a complete run;
 * - what decides the declaration has not changed since (`declarationHash`);
 * - the image's tag still points to the same image;
 * - every resource is on its hosts as the last run left it.
 *
 * Not checked is what the program reads besides its files: environment variables, other machines, `--config-file`.
 */
export async function tryFastPath(stack: string | undefined, folder = process.cwd()): Promise<Outcome> {
  const stop = new AbortController();
  const late = () => new Error(`the check took more than ${TIMEOUT} s`);
  try {
    return await Deadline.in(TIMEOUT).race(inspectStack(stack, folder, stop), late);
  } catch (thrown) {
    return startEngine(messageOf(thrown));
  } finally {
    stop.abort();
  }
}

/** The two processes start first: the code that waits for them is loaded while they work. */
async function inspectStack(stack: string | undefined, folder: string, stop: AbortController): Promise<Outcome> {
  const decrypting = new AbortController();
  stop.signal.addEventListener("abort", () => decrypting.abort());
  const exported = exportStack(stack, folder, { signal: stop.signal });
  const shown = showConfig(stack, folder, { signal: decrypting.signal });
  // Whatever awaits them later gets the rejection; the second may never be awaited.
  for (const asked of [exported, shown]) asked.catch(() => {});
  const { inspect } = await import("./inspect.ts");
  return inspect({ stack, folder, exported, shown, decrypting, signal: stop.signal });
}
