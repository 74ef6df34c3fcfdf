import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../core/error.ts";
import { writeNew } from "../../project/new/write.ts";
import { pulumi } from "../../project/pulumi.ts";
import type { Addition } from "../add/addition.ts";
import { withAddition } from "../add/apply.ts";
import { type Sealed, sealText } from "../reconfigure/seal.ts";
import { replaceFile } from "../stack/replace-file.ts";
import { keysIn } from "./existing.ts";

/** Makes a stack in the backend of a project, or selects the one that is there. */
export async function createStack(stack: string, project: string): Promise<void> {
  try {
    await pulumi(["stack", "init", stack], project);
  } catch (error) {
    if (!/already exists/.test(messageOf(error))) throw error;
    await pulumi(["stack", "select", stack], project);
  }
}

/**
 * Writes the file of a stack that exists in its backend.
 *
 * @param text of the file, for the keys of encryption that Pulumi has written into it
 * @param additionsTo what is added to such a text, one after the other
 */
export async function writeStackFile(
  stack: string,
  project: string,
  text: (keys: string) => string,
  additionsTo: readonly ((text: string) => Addition)[],
): Promise<void> {
  const path = join(project, `Pulumi.${stack}.yaml`);
  const isThere = existsSync(path);
  let written = text(isThere ? keysIn(readFileSync(path, "utf8")) : "");
  for (const additionTo of additionsTo) {
    const addition = additionTo(written);
    const sealed = new Map<string, Sealed>();
    for (const { name, value } of addition.secrets) sealed.set(name, await sealText(value, written, stack, project));
    written = withAddition(written, addition, sealed, path);
  }
  if (isThere) await replaceFile(realpathSync(path), written);
  else writeNew(path, written);
}
