import { readdir, readFile, realpath } from "node:fs/promises";
import { relative } from "node:path";
import { styleText } from "node:util";
import { shortName } from "../../project/place.ts";
import { findProject, type Project, stackFilePath } from "../../project/project.ts";
import { selectedStack } from "../../project/pulumi.ts";
import { type Sealed, sealText } from "../reconfigure/seal.ts";
import { backendUrl } from "../stack/backend-folder.ts";
import { replaceFile } from "../stack/replace-file.ts";
import { selectedIn } from "../stack/selected.ts";
import { ask } from "../terminal/ask.ts";
import { requireConfirmation } from "../terminal/confirm.ts";
import { printLine } from "../terminal/print.ts";
import { type Addition, refused } from "./addition.ts";
import { previewOf, requireInFile, requireSound, withAddition } from "./apply.ts";
import { diff } from "./diff.ts";
import { StackText } from "./stack-text.ts";

export interface AddOptions {
  /** Default: the selected stack, or the only one that has a file. */
  readonly stack: string | undefined;
  readonly agreed: boolean;
}

const DECLINED = 1;

/** Writes what a plan adds to the stack's file, after a yes. Contacts no host but by the plan. Returns the exit code. */
export async function add(
  plan: (stack: StackText) => Addition | Promise<Addition>,
  { stack: given, agreed }: AddOptions,
  folder = process.cwd(),
): Promise<number> {
  const project = await findProject(folder);
  const stack = given ?? (await stackIn(project));
  const place = stackFilePath(project, stack);
  const path = relative(folder, place) || place;
  const text = await readFile(place, "utf8").catch((error: unknown) => {
    throw noFile(path, error);
  });
  const before = new StackText(text, shortName(stack), project.root);
  requireInFile(before);
  const addition = await plan(before);
  const shown = previewOf(text, addition, path);
  requireSound(before, new StackText(shown, shortName(stack), project.root), addition.what);
  printLine(`${path}: ${addition.what}`);
  for (const { sign, text: line } of diff(text, shown)) printLine(coloured(sign, `${sign} ${line}`));
  for (const note of addition.notes) printLine(note);
  if (!agreed) {
    requireConfirmation(agreed, "an addition");
    if (!(await ask("Write it?"))) return DECLINED;
  }
  const sealed = new Map<string, Sealed>();
  for (const { name, value } of addition.secrets) sealed.set(name, await sealText(value, text, stack, project.root));
  await replaceFile(await realpath(place), withAddition(text, addition, sealed, path));
  printLine(styleText("green", `✓ written to ${path}`));
  printLine("next: npx slipway deploy");
  return 0;
}

const coloured = (sign: string, line: string): string => (sign === " " ? line : styleText(sign === "+" ? "green" : "red", line));

/** The selected stack, or the only one that has a file. */
async function stackIn(project: Project): Promise<string> {
  const selected = await selectedIn(project.root, await backendUrl(project.root));
  if (selected !== undefined) return selected;
  const names = (await readdir(project.configFolder)).flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? []);
  const [only, ...others] = names;
  return only !== undefined && others.length === 0 ? only : selectedStack(project.root);
}

const noFile = (path: string, cause: unknown) =>
  cause instanceof Error && "code" in cause && cause.code === "ENOENT"
    ? refused(`there is no ${path}`, "name the stack with --stack, or write its file: slipway init")
    : cause;
