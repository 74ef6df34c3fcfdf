import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { isMap } from "../../core/values.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** One command line of a page, as a shell would split it. */
export interface Documented {
  readonly line: string;
  /** From the program's name on: `slipway`, `pulumi`. */
  readonly words: readonly string[];
}

/** A block of code of a page. */
interface Block {
  readonly language: string;
  readonly text: string;
}

const blocksOf = (page: string): Block[] =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/^( *)```(\w+)\n(.*?)^\1```$/gms)].map(
    ([, indent = "", language = "", text = ""]) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );

/** The files for CIs on a page, parsed. Throws for one that is no YAML. */
export const workflowsIn = (page: string): Record<string, unknown>[] =>
  blocksOf(page)
    .filter(({ language }) => language === "yaml")
    .map(({ text }) => {
      const [document] = parseAllDocuments(text);
      const [error] = document?.errors ?? [];
      if (error !== undefined) throw error;
      const value: unknown = document?.toJS();
      return isMap(value) ? value : {};
    });

/** The keys under which CIs have lines of a shell. */
const SHELL: ReadonlySet<string> = new Set(["run", "script", "before_script", "commands"]);

/** The lines of a shell in a file for a CI. */
export function shellIn(value: unknown, key = ""): string[] {
  if (typeof value === "string") return SHELL.has(key) ? value.split("\n") : [];
  if (Array.isArray(value)) return value.flatMap((one) => shellIn(one, key));
  return isMap(value) ? Object.entries(value).flatMap(([name, inner]) => shellIn(inner, name)) : [];
}

/** The commands of a program on a page, in its blocks for a shell and in its files for CIs. */
export function commandsOn(page: string, program: "slipway" | "pulumi"): Documented[] {
  const typed = blocksOf(page).flatMap(({ language, text }) => (language === "sh" ? text.split("\n") : []));
  const lines = [...typed, ...workflowsIn(page).flatMap((workflow) => shellIn(workflow))];
  return lines.flatMap((line) => commandsIn(line, program));
}

/** @example commandsIn("npx slipway deploy --preview > plan.txt || code=$?", "slipway")[0].words // ["slipway", "deploy", "--preview"] */
export function commandsIn(line: string, program: string): Documented[] {
  // What a shell adds if a variable is set.
  return partsOf(line.replaceAll(/\$\{\w+:\+([^}]*)\}/g, "$1")).flatMap((words) => {
    const at = words[0] === "npx" ? 1 : 0;
    return words[at] === program ? [{ line, words: words.slice(at) }] : [];
  });
}

/** Words, by command: without comments and without what is redirected. Quotes hold words together. */
function partsOf(line: string): string[][] {
  const parts: string[][] = [[]];
  for (const [word] of line.matchAll(/#.*|&&|\|\||[;|{}]|\d?>&?\s*(?:"[^"]*"|\S+)|<\s*\S+|(?:"[^"]*"|'[^']*'|[^\s"';|<>&])+/g)) {
    if (word.startsWith("#")) break;
    if (/^(?:&&|\|\||[;|{}])$/.test(word)) parts.push([]);
    else if (!/^\d?[<>]/.test(word)) parts.at(-1)?.push(word.replaceAll(/["']/g, ""));
  }
  return parts;
}
