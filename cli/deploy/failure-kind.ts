import { readStack } from "../../components/declare/stack.ts";
import { SlipwayError } from "../../core/error.ts";
import { parseValues, rawOf, type StackValues } from "../../project/config-values.ts";
import { projectOf, shortName } from "../../project/place.ts";
import { readPlainScalars } from "../../project/plain-scalars.ts";
import { declaredConfig, findProject } from "../../project/project.ts";
import { exportStack, selectedStack, showConfig } from "../../project/pulumi.ts";
import { accessTo, hostsAt } from "../stack/access.ts";
import { parseCheckpoint, stackOf } from "../stack/checkpoint.ts";
import { askingIn } from "../stack/secrets.ts";
import { findDrift } from "./fast-path/drift.ts";

/** Whether a run failed because the stack's config is invalid. */
export async function isConfigWrong(stack: string | undefined, folder = process.cwd()): Promise<boolean> {
  const values: StackValues = await showConfig(stack, folder).then(parseValues, () => ({}));
  // A custom program may use none of our keys.
  if (!Object.keys(values).some((key) => key.startsWith("slipway:"))) return false;
  const own = stack ?? (await selectedStack(folder).catch(() => "none"));
  try {
    const raw = { ...rawOf(values), stack: shortName(own), file: "", plain: readPlainScalars(folder, own), root: folder };
    await readStack(raw, () => askingIn(projectOf(folder)));
    return false;
  } catch (thrown) {
    return thrown instanceof SlipwayError;
  }
}

/** Whether everything on every host is as the last successful run left it. An unreachable host counts as changed. */
export async function isAsLeft(stack: string | undefined, folder = process.cwd()): Promise<boolean> {
  try {
    const [project, json] = await Promise.all([findProject(folder), exportStack(stack, folder)]);
    const checkpoint = parseCheckpoint(json);
    const written = await declaredConfig(project, stack ?? stackOf(checkpoint));
    const hosts = hostsAt(await accessTo(project, written, () => showConfig(stack, folder)));
    const drift = await findDrift(checkpoint, hosts).finally(() => hosts.close());
    return drift.length === 0;
  } catch {
    return false;
  }
}
