import { parseConfig } from "../../config/index.ts";
import { SlipwayError } from "../../core/error.ts";
import { parseCheckpoint, stackOf } from "../stack/checkpoint.ts";
import { findProject, stackFile } from "../stack/project.ts";
import { exportStack, showConfig } from "../stack/pulumi.ts";
import { accessTo, hostsAt } from "../stack/reach.ts";
import { parseValues, rawOf, type StackValues } from "../stack/values.ts";
import { differences } from "./differences.ts";

/** Whether a run failed because of what is written in the stack's config. */
export async function isConfigWrong(stack: string | undefined, folder = process.cwd()): Promise<boolean> {
  const values: StackValues = await showConfig(stack, folder).then(parseValues, () => ({}));
  // A program of one's own need not use our keys.
  if (!Object.keys(values).some((key) => key.startsWith("slipway:"))) return false;
  try {
    parseConfig({ ...rawOf(values), stack: stack ?? "none", file: "" });
    return false;
  } catch (thrown) {
    return thrown instanceof SlipwayError;
  }
}

/** Whether everything on every host is as the last run that succeeded left it. A host that cannot be asked is not. */
export async function isAsLeft(stack: string | undefined, folder = process.cwd()): Promise<boolean> {
  try {
    const [project, json] = await Promise.all([findProject(folder), exportStack(stack, folder)]);
    const checkpoint = parseCheckpoint(json);
    const written = await stackFile(project, stack ?? stackOf(checkpoint));
    const hosts = hostsAt(await accessTo(project, written, () => showConfig(stack, folder)));
    const different = await differences(checkpoint, hosts).finally(() => hosts.close());
    return different.length === 0;
  } catch {
    return false;
  }
}
