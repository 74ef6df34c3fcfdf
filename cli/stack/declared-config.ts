import { relative } from "node:path";
import { readStack } from "../../components/declare/stack.ts";
import { parseValues, rawOf, type StackValues } from "../../project/config-values.ts";
import { shortName } from "../../project/place.ts";
import { readPlainScalars } from "../../project/plain-scalars.ts";
import { findProject, type Project, stackFilePath } from "../../project/project.ts";
import { selectedStack, showConfig } from "../../project/pulumi.ts";
import type { CompleteConfig } from "../../secrets/index.ts";
import { askingIn } from "./secrets.ts";

/** A stack's config as a run of its program reads it, and where it is from. */
export interface DeclaredConfig extends CompleteConfig {
  readonly project: Project;
  /** As Pulumi knows it. */
  readonly selected: string;
  /** Without organization and project, as the program's `getStack()` returns it. */
  readonly stack: string;
  /** Relative to the project: `stacks/Pulumi.production.yaml`. */
  readonly file: string;
  /** What `pulumi config --show-secrets --json` prints. */
  readonly shown: string;
  readonly values: StackValues;
}

/** Asks the sources of its secrets, and no host. Throws all problems at once, missing secrets included. */
export async function readDeclared(given: string | undefined, folder: string): Promise<DeclaredConfig> {
  const project = await findProject(folder);
  const [shown, selected] = await Promise.all([showConfig(given, project.root), given ?? selectedStack(project.root)]);
  const stack = shortName(selected);
  const file = relative(project.root, stackFilePath(project, stack));
  const values = parseValues(shown);
  const raw = { ...rawOf(values), stack, file, root: project.root, plain: readPlainScalars(project.root, stack) };
  const complete = await readStack(raw, () => askingIn(project.root));
  return { ...complete, project, selected, stack, file, shown, values };
}
