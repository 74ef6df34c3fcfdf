import { relative } from "node:path";
import { type Aliases, readAliases } from "../../config/index.ts";
import { parseJson } from "../../core/text.ts";
import { parseValues } from "../../project/config-values.ts";
import { projectAround } from "../../project/place.ts";
import { declaredConfig, findProject, readStackFile, stackFilePath } from "../../project/project.ts";
import { pulumi, selectedStack, stackArguments } from "../../project/pulumi.ts";
import { defaultBackend } from "../engine/pulumi/backend.ts";
import { findPulumi } from "../engine/pulumi/found.ts";
import { preparePulumi } from "../engine/pulumi/prepare.ts";
import { backendUrl } from "../stack/backend-folder.ts";
import { selectedIn } from "../stack/selected.ts";

const KEY = "slipway:aliases";

/** The aliases of the selected stack; none outside of a project, or without a stack. No process is started if its file has them. */
export async function aliasesOf(folder = process.cwd()): Promise<Aliases> {
  const root = projectAround(folder);
  if (root === undefined) return new Map();
  const project = await findProject(folder);
  const backend = (await backendUrl(root)) ?? defaultBackend(root);
  const stack = (await selectedIn(root, backend)) ?? (await askedStack(root));
  if (stack === undefined) return new Map();
  const content = await readStackFile(project, stack);
  if (content.kind === "missing") return new Map();
  const written =
    content.kind === "complete"
      ? (await declaredConfig(project, stack))?.[KEY]
      : parseJson(parseValues(await pulumi(["config", "--json", ...stackArguments(stack)], root))[KEY]?.value ?? "{}");
  return readAliases(written, relative(folder, stackFilePath(project, stack)));
}

/** A word that is mistyped is no reason to offer Pulumi to someone who has none. */
async function askedStack(root: string): Promise<string | undefined> {
  if (findPulumi() === undefined) return undefined;
  await preparePulumi(root);
  return selectedStack(root).catch(() => undefined);
}
