import { relative } from "node:path";
import { findProject, stackFilePath } from "../../project/project.ts";
import { selectedStack } from "../../project/pulumi.ts";
import { requireUnlocked } from "../stack/pulumi-lock.ts";
import { interruptedRollbacks, recoverFile } from "../stack/rollback-journal.ts";
import { notice } from "../terminal/failure.ts";

/** What a killed command may have left: Pulumi's lock, and the config of a rollback in the stack's file. A few reads of folders. */
export async function beforeEngine(
  what: "up" | "preview",
  given: string | undefined,
  folder: string = process.cwd(),
): Promise<void> {
  const project = await findProject(folder);
  // A preview takes no lock.
  if (what === "up") await requireUnlocked(project, given);
  const changed = await interruptedRollbacks(project.configFolder);
  if (changed.length === 0) return;
  const file = stackFilePath(project, given ?? (await selectedStack(project.root)));
  const recovered = changed.includes(file) ? await recoverFile(relative(folder, file), folder) : undefined;
  if (recovered !== undefined) notice(recovered);
}
