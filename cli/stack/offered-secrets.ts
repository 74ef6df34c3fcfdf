import { projectAround } from "../../project/place.ts";
import type { Offer } from "../../secrets/index.ts";
import { backendUrl } from "./backend-folder.ts";
import { askingIn, canPrompt, mayHaveSources } from "./secrets.ts";
import { selectedIn } from "./selected.ts";

/**
 * The values of the sources in a stack's config for a run of the engine, which has no terminal: they are asked here, once, and offered to the
 * run's processes. `undefined`: the config has no sources, or only the run can read it.
 *
 * @param given the stack's name on the command line; `undefined` is the selected one
 */
export async function offerSecrets(given: string | undefined, folder: string): Promise<Offer | undefined> {
  const root = projectAround(folder);
  if (root === undefined) return undefined;
  const selected = given ?? (await selectedIn(root, await backendUrl(root)));
  if (selected !== undefined && !(await mayHaveSources(root, selected))) return undefined;
  const [{ findProject }, { selectedStack, showConfig }, { questionOf }, { answersTo, offer }] = await Promise.all([
    import("../../project/project.ts"),
    import("../../project/pulumi.ts"),
    import("./secrets.ts"),
    import("../../secrets/index.ts"),
  ]);
  const stack = selected ?? (await selectedStack(root));
  if (!(await mayHaveSources(root, stack))) return undefined;
  const { question } = await questionOf(await findProject(root), stack, () => showConfig(stack, root));
  if (question.sources.length === 0 || question.wanted.length === 0) return undefined;
  const answers = answersTo(question, askingIn(root));
  // A person answers before the run begins to show itself; without one it begins meanwhile.
  if (canPrompt()) await answers;
  return offer(question, answers);
}
