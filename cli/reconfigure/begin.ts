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
