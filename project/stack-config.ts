import { hidesAnything, hidesKeys, parseValues, rawOf, writtenText } from "./config-values.ts";
import { findProject, readStackFile } from "./project.ts";
import { showConfig } from "./pulumi.ts";

/** Values of a stack's config by their full key, objects as JSON: `get("slipway:ssh")`. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/**
 * The config of a stack as its file has it now. The Pulumi CLI is asked only where the file alone does not say everything: secret keys,
 * or config in Pulumi.yaml or an environment.
 *
 * @param folder in the project
 * @param secrets what has to be in plain text: asking for it takes the CLI half a second
 * @returns `undefined` without a project or a file: the config was passed in another way, as with `--config-file`
 */
export async function stackConfigNow(
  folder: string,
  stack: string,
  secrets: "of access" | "all" = "of access",
): Promise<StackConfig | undefined> {
  const project = await findProject(folder).catch(() => undefined);
  if (project === undefined) return undefined;
  const file = await readStackFile(project, stack);
  if (file.kind === "missing") return undefined;
  const hides = secrets === "all" ? hidesAnything : hidesKeys;
  if (file.kind === "complete" && !hides(file.config)) return { get: (key) => writtenText(file.config[key]) };
  const { values } = rawOf(parseValues(await showConfig(stack, project.root)));
  return { get: (key) => values[key] };
}
