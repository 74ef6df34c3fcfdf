import type { Problem } from "../../config/index.ts";
import type { Sealed } from "../reconfigure/seal.ts";
import { editAround } from "../reconfigure/yaml-edit.ts";
import { type Addition, refused } from "./addition.ts";
import type { StackText } from "./stack-text.ts";
import { wrap } from "./wrap.ts";

/** What a secret is in a text that is only shown, or compared. */
const SHOWN = { secure: "[encrypted]" };

/** The text of a stack's file with an addition. @param sealed its secrets by name, encrypted */
export function withAddition(
  text: string,
  { edits, secrets }: Addition,
  sealed: ReadonlyMap<string, Sealed>,
  file: string,
): string {
  const changed = edits.reduce((now, change) => {
    const path = ["config", ...change.path];
    return "below" in change ? wrap(now, { ...change, path }, file) : editAround(now, [{ ...change, path }], file);
  }, text);
  const values = secrets.map(({ name }) => ({ path: ["config", "slipway:secrets", name], to: sealed.get(name) ?? SHOWN }));
  return editAround(changed, values, file);
}

/** The same as it is shown, without secrets. */
export const previewOf = (text: string, addition: Addition, file: string): string =>
  withAddition(text, addition, new Map(), file);

/** Refuses a stack whose app is not in its file: a program would not see what is added there. */
export function requireInFile(stack: StackText): void {
  const deployFile = stack.at("deploy_file");
  if (deployFile !== undefined)
    throw refused(
      `the stack has its app from ${deployFile}, Kamal's file`,
      `add it in ${deployFile}, or run slipway import first`,
    );
  if (stack.at("service") === undefined)
    throw refused(
      "the stack's file declares no app: a program does, or the file is not complete",
      "add it in the program (docs/programs.md), or run slipway init first",
    );
}

/** Refuses an addition with which the stack has problems that it has not had before. */
export function requireSound(before: StackText, after: StackText, what: string): void {
  const known = new Set(before.problems.map(textOf));
  const added = after.problems.map(textOf).filter((problem) => !known.has(problem));
  if (added.length > 0)
    throw refused(
      `${what} does not fit to the rest of the stack`,
      "nothing was written: correct what the lines above say, or choose other options",
      added,
    );
}

const textOf = ({ path, message }: Problem): string => `slipway:${path.join(".")}: ${message}`;
