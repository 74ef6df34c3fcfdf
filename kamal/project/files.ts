import type { Translation } from "../translate/translate.ts";
import { printMap } from "../yaml/print.ts";
import { type Entry, plainOf } from "../yaml/tree.ts";

/** One stack of a new project. */
export interface ImportedStack {
  readonly name: string;
  readonly from: readonly string[];
  readonly translation: Translation;
}

/** @example stackFile({ name: "production", from: ["config/deploy.yml"], translation }) */
export function stackFile({ from, translation: { stack } }: ImportedStack): string {
  const entries = stack.entries.map((one): Entry => ({ ...one, key: `slipway:${one.key}` }));
  const end =
    stack.comment === undefined
      ? ""
      : `\n${stack.comment
          .split("\n")
          .map((line) => `  #${line}\n`)
          .join("")}`;
  return `# Made by slipway import of ${from.join(" and ")}\nconfig:\n${printMap(entries, "  ")}${end}`;
}

/** The config of a stack as JavaScript has it, by the names of its root keys. */
export const valuesOf = ({ stack }: Translation): Record<string, unknown> =>
  Object.fromEntries(stack.entries.map(({ key, value }) => [key, plainOf(value)]));

/** The app's name as a project may have it. */
export function projectName(stacks: readonly ImportedStack[]): string {
  const services = stacks.flatMap(({ translation }) => translation.stack.entries.filter(({ key }) => key === "service"));
  const value = services[0]?.value;
  const name = value?.kind === "scalar" ? value.text.replace(/[^\w.-]+/g, "-").replace(/^-+/, "") : "";
  return name === "" ? "app" : name;
}
