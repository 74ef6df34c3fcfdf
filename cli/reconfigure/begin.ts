import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { projectAround } from "../../project/place.ts";
import type { Asked } from "../stack/asked.ts";
import { backendFolder } from "../stack/backend-folder.ts";
import { mayHaveBeenKilled } from "../stack/left-behind.ts";

/** Starts what takes a process, before the code that reads its answer is loaded. */
export async function begin(asked: Asked, stack: string | undefined, needs: "state" | "history"): Promise<void> {
  const root = projectAround(process.cwd());
  // The files of a backend in a folder are read without Pulumi, where the stack is named.
  if (root === undefined || (stack !== undefined && (await backendFolder(root)) !== undefined)) return;
  void asked.exported();
  if (needs === "history") void asked.updates();
  // What a killed command has left in the stack's file is removed before that is read.
  if (!(await mayHaveBeenKilled(root))) void asked.shown();
}

/** Throws where no question can be asked. @param what "a rollback" */
export function requireConfirmation(agreed: boolean, what: string): void {
  if (agreed || process.stdin.isTTY) return;
  throw new SlipwayError({
    code: "USAGE",
    what: `${what} needs a confirmation, and there is no terminal to ask for it`,
    servesNow: NOTHING_TOUCHED,
    next: "run it with --yes, or on a terminal",
  });
}
