import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { exportStack, showConfig } from "../stack/pulumi.ts";
import type { Look } from "./look.ts";

/** A look that takes much longer than the engine would has lost its point. */
const PATIENCE: Seconds = 10;

/**
 * Looks whether there is anything to do, without the engine. Says "nothing" only if every resource of the state is ours, was declared by
 * a run that was made from the same files, the image's tag means what it meant then, and everything on every host is as it was left.
 * Any doubt and any trouble is the engine's to find out.
 *
 * Not seen is what the program reads beside its files: environment variables, other machines, `--config-file`.
 */
export async function lookFirst(stack: string | undefined, folder = process.cwd()): Promise<Look> {
  const stop = new AbortController();
  const late = () => new Error(`it was not seen in ${PATIENCE} s`);
  try {
    return await Deadline.in(PATIENCE).race(look(stack, folder, stop), late);
  } catch (thrown) {
    return { found: "perhaps something", because: messageOf(thrown) };
  } finally {
    stop.abort();
  }
}

/** The two processes start first: the code that waits for them is loaded while they work. */
async function look(stack: string | undefined, folder: string, stop: AbortController): Promise<Look> {
  const decrypting = new AbortController();
  stop.signal.addEventListener("abort", () => decrypting.abort());
  const exported = exportStack(stack, folder, { signal: stop.signal });
  const shown = showConfig(stack, folder, { signal: decrypting.signal });
  // Who waits for one hears of its failure, later; of the second, perhaps nobody does.
  for (const asked of [exported, shown]) asked.catch(() => {});
  const { lookAround } = await import("./look-around.ts");
  return lookAround({ stack, folder, exported, shown, decrypting, signal: stop.signal });
}
