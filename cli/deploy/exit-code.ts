import type { Ended } from "../engine/engine.ts";

/** For `--help`, and for people who write CI. */
export const EXIT_CODES = `
Exit code:
  0    released, or nothing to do
  1    failed or refused; a look at the hosts afterwards found all as the last release left it
  2    the command line, the stack or its config is wrong; nothing was changed
  3    failed, and the hosts are not as the last release left them, or cannot be asked
  4    with --preview: there is something to do
  130  interrupted; the next run goes on from what it finds`;

const CODE = { done: 0, refused: 1, misused: 2, changed: 3, planned: 4, interrupted: 130 } as const;

/** What the process ends with. After a failure the hosts are asked, not the error's words. */
export async function exitCodeOf(what: "up" | "preview", ended: Ended, stack: string | undefined): Promise<number> {
  if (ended.well) return what === "preview" && Object.keys(ended.changes).length > 0 ? CODE.planned : CODE.done;
  if (ended.interrupted) return CODE.interrupted;
  if (!ended.began) return CODE.misused;
  const { isConfigWrong, isAsLeft } = await import("./aftermath.ts");
  if (await isConfigWrong(stack)) return CODE.misused;
  if (what === "preview") return CODE.refused;
  return (await isAsLeft(stack)) ? CODE.refused : CODE.changed;
}
