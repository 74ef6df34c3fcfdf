import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Config, Question } from "../../config/index.ts";
import { isMap } from "../../core/values.ts";
import { DEPLOY_FILE } from "../../project/built.ts";
import { stackFileIn } from "../../project/config-files.ts";
import { parseValues, rawOf } from "../../project/config-values.ts";
import { projectAround, projectFile, shortName } from "../../project/place.ts";
import { type Project, stackFile, stackFilePath, withKamalsFile } from "../../project/project.ts";
import { type Asking, Prompts } from "../../secrets/index.ts";
import { notice } from "../terminal/failure.ts";
import { sealedValues } from "./sealed-values.ts";

/** One for this process: there is one terminal. */
const prompts = new Prompts();

/** Whether a person can be asked. */
export const canPrompt = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** What a command asks sources of secrets with. */
export const askingIn = (folder: string): Asking => ({
  folder,
  env: process.env,
  prompts: canPrompt() ? prompts : undefined,
  report: notice,
});

/** Whether the config of a stack may name sources of secrets, from the words of its files: most do not, and nothing is loaded for them. */
export async function mayHaveSources(folder: string, stack: string): Promise<boolean> {
  const root = projectAround(folder);
  const files = [stackFileIn(folder, stack), root === undefined ? undefined : projectFile(root)];
  const texts = await Promise.all(files.map((file) => (file === undefined ? "" : readFile(file, "utf8").catch(() => ""))));
  // Kamal's file has those of Kamal beside it.
  return texts.some((text) => text.includes("secrets_from") || text.includes(DEPLOY_FILE));
}

/** What the sources of a stack have to be asked, and for which app. */
export interface SecretsQuestion extends Pick<Config, "service" | "destination"> {
  readonly question: Question;
}

/**
 * What the sources of a stack have to be asked. Which names it needs is known without a key, from the config as the file has it.
 *
 * @param shown what `pulumi config --show-secrets --json` prints; called only if the file does not say everything
 */
export async function questionOf(project: Project, stack: string, shown: () => Promise<string>): Promise<SecretsQuestion> {
  const { readConfig } = await import("../../config/index.ts");
  const written = await stackFile(project, stack);
  const values = written === undefined || hasSealedKey(written) ? parseValues(await shown()) : sealedValues(written);
  const file = relative(project.root, stackFilePath(project, stack));
  const raw = { ...rawOf(values), stack: shortName(stack), file, root: project.root };
  const { question, config } = readConfig(await withKamalsFile(raw, project.root));
  const { service, destination } = config();
  return { question, service, destination };
}

/** A key that is secret as a whole may have names in it. */
const hasSealedKey = (written: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(written).some(([key, value]) => key.startsWith("slipway:") && isMap(value) && "secure" in value);
