import { relative } from "node:path";
import { parseConfig } from "../../config/index.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { parseValues, rawOf, type StackValues } from "../../project/config-values.ts";
import { shortName } from "../../project/place.ts";
import { readPlainScalars } from "../../project/plain-scalars.ts";
import { findProject, stackFilePath } from "../../project/project.ts";
import { selectedStack, showConfig } from "../../project/pulumi.ts";
import type { Understood } from "./report.ts";

/** Reads a stack's config as a run of its program would. Throws all its problems at once. Contacts no host. */
export async function readUnderstood(given: string | undefined, folder = process.cwd()): Promise<Understood> {
  const project = await findProject(folder);
  const [shown, selected] = await Promise.all([showConfig(given, project.root), given ?? selectedStack(project.root)]);
  const stack = shortName(selected);
  const file = relative(project.root, stackFilePath(project, stack));
  const values = parseValues(shown);
  const config = parseConfig({ ...rawOf(values), stack, file, root: project.root, plain: readPlainScalars(project.root, stack) });
  return { stack, file, config, secrets: secretsIn(values) };
}

/** Every text in a value that is encrypted, wholly or in part. Pure. */
export const secretsIn = (values: StackValues): string[] =>
  Object.values(values).flatMap(({ value = "", secret }) => (secret ? textsIn(parseJson(value) ?? value) : []));

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isMap(value) ? Object.values(value).flatMap(textsIn) : [];
}
