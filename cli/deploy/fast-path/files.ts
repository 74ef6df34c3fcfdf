import { declarationHash } from "../../../project/declaration-hash.ts";
import { projectAround } from "../../../project/place.ts";
import { type Declared, remember, remembered } from "./memory.ts";

/** What the project's files alone say. */
export interface FromFiles {
  /** Why the engine is needed; absent if the state has to be read to know. */
  readonly because?: string;
  /** What they declare now, if that had to be known. */
  readonly declared?: Declared;
}

/**
 * Compares the project with what this operator last saw in the state. A wrong memory costs time alone: the engine is started although it
 * has nothing to do, or the state is read although the files have changed.
 *
 * @param given the stack's name on the command line; `undefined` is the selected one
 */
export async function lookAtFiles(given: string | undefined, folder: string): Promise<FromFiles> {
  const root = projectAround(folder);
  const last = root === undefined ? undefined : await remembered(root, given);
  if (root === undefined || last === undefined) return {};
  const now = declarationHash(root, last.stack);
  if (now.kind === "unknown") return { because: now.because };
  const declared = { stack: last.stack, hash: now.hash };
  if (now.hash === last.hash) return { declared };
  return { because: "the project's files have changed since they were last seen released", declared };
}

/**
 * Remembers what the state is declared from now, after a run that succeeded or had nothing to do.
 *
 * @param stack as the state or the engine names it
 * @param known what it was before that run, if that is known: a file that was edited meanwhile is a change for the next one
 */
export async function noteReleased(
  given: string | undefined,
  folder: string,
  stack: string | undefined,
  known?: Declared,
): Promise<void> {
  const root = projectAround(folder);
  if (root === undefined || stack === undefined) return;
  if (known?.stack === stack) return remember(root, given, known);
  const now = declarationHash(root, stack);
  if (now.kind === "known") await remember(root, given, { stack, hash: now.hash });
}
