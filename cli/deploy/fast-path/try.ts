import { readFileSync } from "node:fs";
import { Deadline } from "../../../core/deadline.ts";
import { messageOf } from "../../../core/error.ts";
import type { Seconds } from "../../../core/words.ts";
import { stackFileIn } from "../../../project/config-files.ts";
import { projectAround } from "../../../project/place.ts";
import { Asked } from "../../stack/asked.ts";
import { backendUrl, folderOf } from "../../stack/backend-folder.ts";
import { selectedIn } from "../../stack/selected.ts";
import { type FromFiles, lookAtFiles } from "./files.ts";
import { type Answer, startEngine } from "./outcome.ts";

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
 * The files come first: where they are not what the state was last seen with, the engine starts at once, and nothing is asked.
 *
 * Not checked is what the program reads besides its files: environment variables, other machines, `--config-file`.
 */
export async function tryFastPath(stack: string | undefined, folder = process.cwd()): Promise<Answer> {
  const stop = new AbortController();
  const late = () => new Error(`the check took more than ${TIMEOUT} s`);
  try {
    const files = await lookAtFiles(stack, folder);
    const { because, declared } = files;
    if (because !== undefined) return { outcome: startEngine(because), declared };
    return await Deadline.in(TIMEOUT).race(inspectStack(stack, folder, files, stop.signal), late);
  } catch (thrown) {
    return { outcome: startEngine(messageOf(thrown)) };
  } finally {
    stop.abort();
  }
}

/** What takes a process starts first: the code that waits for it is loaded meanwhile. */
async function inspectStack(stack: string | undefined, folder: string, files: FromFiles, signal: AbortSignal): Promise<Answer> {
  using asked = new Asked(stack, folder);
  signal.addEventListener("abort", () => asked[Symbol.dispose]());
  const root = projectAround(folder);
  const backend = root === undefined ? undefined : await backendUrl(root);
  const name = stack ?? (root === undefined ? undefined : await selectedIn(root, backend));
  // The files of a backend in a folder are read without Pulumi.
  const isStored = root !== undefined && name !== undefined && folderOf(backend, root) !== undefined;
  if (!isStored) void asked.exported();
  if (name === undefined || mayNeedSecrets(folder, name)) void asked.shown();
  const { inspect } = await import("./inspect.ts");
  // Awaited here: what is asked ends with this function.
  return await inspect({ stack, name, folder, files, asked, signal });
}

/** Whether a secret may be needed to log in to the registry or to the hosts, from the words in the stack's file. */
function mayNeedSecrets(folder: string, stack: string): boolean {
  const file = stackFileIn(folder, stack);
  return file === undefined || /slipway:registry|key_data|secure/.test(readFileSync(file, "utf8"));
}
