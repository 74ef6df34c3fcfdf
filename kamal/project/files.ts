import type { Translation } from "../translate/translate.ts";
import { printMap } from "../yaml/print.ts";
import { type Entry, plainOf } from "../yaml/tree.ts";

/** The packages of a new project; a test compares them with this one's. */
export const PACKAGES: Readonly<Record<string, string>> = {
  "@pulumi/pulumi": "^3.259.0",
  slipway: "^0.1.0",
};

/** One stack of a new project. */
export interface ImportedStack {
  readonly name: string;
  readonly from: readonly string[];
  readonly translation: Translation;
}

/** File → content, of the whole project. */
export function projectFiles(stacks: readonly ImportedStack[]): Map<string, string> {
  const service = serviceOf(stacks);
  const files = new Map([
    ["Pulumi.yaml", projectFile(service)],
    ["package.json", packageFile(service, stacks)],
    [".gitignore", "node_modules/\n"],
  ]);
  for (const stack of stacks) files.set(`Pulumi.${stack.name}.yaml`, stackFile(stack));
  return files;
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

function serviceOf(stacks: readonly ImportedStack[]): string {
  const services = stacks.flatMap(({ translation }) => translation.stack.entries.filter(({ key }) => key === "service"));
  const value = services[0]?.value;
  const name = value?.kind === "scalar" ? value.text.replace(/[^\w.-]+/g, "-").replace(/^-+/, "") : "";
  return name === "" ? "app" : name;
}

const projectFile = (service: string): string => `name: ${/^[a-z]/i.test(service) ? service : JSON.stringify(service)}
main: node_modules/slipway/program.js
runtime: { name: nodejs, options: { typescript: false } }
options: { refresh: always } # each preview looks at what really runs
`;

function packageFile(service: string, stacks: readonly ImportedStack[]): string {
  const scripts = Object.fromEntries(stacks.flatMap(({ translation }) => [...translation.scripts]));
  const manifest = {
    name: `${service.toLowerCase().replace(/^[._]+/, "")}-deploy`,
    private: true,
    type: "module",
    ...(Object.keys(scripts).length === 0 ? {} : { scripts }),
    dependencies: PACKAGES,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
