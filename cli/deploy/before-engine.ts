import { relative } from "node:path";
import { projectAround } from "../../project/place.ts";
import { mayHaveBeenKilled, mayHoldLock } from "../stack/left-behind.ts";

/** What a killed command may have left: Pulumi's lock, and the config of a rollback in the stack's file. */
export async function beforeEngine(
  what: "up" | "preview",
  given: string | undefined,
  folder: string = process.cwd(),
): Promise<void> {
  const root = projectAround(folder);
  // Usually there is no trace of either: a few folders are read, and nothing is loaded.
  if (root !== undefined && !(await isSomethingLeft(what, root))) return;
  const { findProject, stackFilePath } = await import("../../project/project.ts");
  const project = await findProject(folder);
  if (what === "up") await (await import("../stack/pulumi-lock.ts")).requireUnlocked(project, given);
  const { interruptedRollbacks, recoverFile } = await import("../stack/rollback-journal.ts");
  const changed = await interruptedRollbacks(project.configFolder);
  if (changed.length === 0) return;
  const { selectedStack } = await import("../../project/pulumi.ts");
  const file = stackFilePath(project, given ?? (await selectedStack(project.root)));
  const recovered = changed.includes(file) ? await recoverFile(relative(folder, file), folder) : undefined;
  if (recovered !== undefined) (await import("../terminal/failure.ts")).notice(recovered);
}

async function isSomethingLeft(what: "up" | "preview", root: string): Promise<boolean> {
  // A preview takes no lock.
  return (what === "up" && (await mayHoldLock(root))) || mayHaveBeenKilled(root);
}
