import { DEPLOY_FILE } from "./built.ts";
import { hidesAnything, hidesKeys, parseValues, rawOf, writtenText } from "./config-values.ts";
import { projectOf, shortName } from "./place.ts";
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
  if (file.kind === "complete" && !hides(file.config))
    return withKamals({ get: (key) => writtenText(file.config[key]) }, project.root, stack);
  const { values } = rawOf(parseValues(await showConfig(stack, project.root)));
  return withKamals({ get: (key) => values[key] }, project.root, stack);
}

/** What decides how hosts are reached, and where that is read from. */
const OF_ACCESS = ["deploy_file", "destination", "ssh", "secrets"].map((key) => `slipway:${key}`);

/**
 * The same with the keys of Kamal's file, if the stack names one.
 *
 * @param folder in the project
 */
export async function withKamals(config: StackConfig, folder: string, stack: string): Promise<StackConfig> {
  if (config.get(DEPLOY_FILE) === undefined) return config;
  const { withDeployFile } = await import("./deploy-file.ts");
  const written = OF_ACCESS.flatMap((key) => {
    const text = config.get(key);
    return text === undefined ? [] : [[key, text] as const];
  });
  const values = { values: Object.fromEntries(written), secretKeys: new Set<string>() };
  const live = withDeployFile(values, projectOf(folder), shortName(stack));
  return { get: (key) => (key === SECRETS ? live?.values[key] : undefined) ?? config.get(key) ?? live?.values[key] };
}

const SECRETS = "slipway:secrets";
