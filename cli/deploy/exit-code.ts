import type { Ended } from "../engine/engine.ts";

/** Part of `--help`. CI depends on these codes. */
export const EXIT_CODES = `
Exit code:
  0    released, or nothing to do
  1    failed or refused; afterwards, the hosts were checked and are as the last release left them
  2    the command line, the stack or its config is wrong; nothing was changed
  3    failed, and the hosts differ from what the last release left, or are unreachable
  4    with --preview: there is something to do
  130  interrupted; the next run continues from what it finds`;

const CODE = { done: 0, refused: 1, misused: 2, changed: 3, planned: 4, interrupted: 130 } as const;

/** The exit code of a deploy. After a failure it depends on the hosts, not on the words of the error. */
export async function exitCodeOf(what: "up" | "preview", ended: Ended, stack: string | undefined): Promise<number> {
  if (ended.well) return what === "preview" && Object.keys(ended.changes).length > 0 ? CODE.planned : CODE.done;
  if (ended.interrupted) return CODE.interrupted;
  if (!ended.began) return CODE.misused;
  const { isConfigWrong, isAsLeft } = await import("./failure-kind.ts");
  if (await isConfigWrong(stack)) return CODE.misused;
  if (what === "preview") return CODE.refused;
  return (await isAsLeft(stack)) ? CODE.refused : CODE.changed;
}
