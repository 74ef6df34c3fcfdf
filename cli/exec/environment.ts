import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/** Variables of a command, by name. */
export type Environment = Readonly<Record<string, string>>;

const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?:[=:](.*))?$/s;

/**
 * Reads what `-e` has: `KEY=VALUE`, Kamal's `KEY:VALUE`, or `KEY` alone, whose value is that of this process, so that a secret is not in the
 * arguments of this command either. The last one of a name counts.
 */
export const environmentOf = (texts: readonly string[], own: NodeJS.ProcessEnv = process.env): Environment =>
  Object.fromEntries(texts.map((text) => variable(text, own)));

function variable(text: string, own: NodeJS.ProcessEnv): readonly [name: string, value: string] {
  const [, name, written] = VARIABLE.exec(text) ?? [];
  if (name === undefined) throw misused("a variable of --env has no valid name", "write KEY=VALUE, KEY:VALUE, or KEY alone");
  const value = written ?? own[name];
  if (value === undefined) throw misused(`${name} is not set in this shell`, `set it, or write -e ${name}=VALUE`);
  return [name, value];
}

/** As Docker takes them. */
export const linesOf = (environment: Environment): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`);

/** Variables of a container with others, which replace those of the same name. */
export const withVariables = (lines: readonly string[], environment: Environment): string[] => [
  ...lines.filter((line) => !Object.hasOwn(environment, line.split("=", 1)[0] ?? "")),
  ...linesOf(environment),
];

/** Not by commander, which would print the value. */
const misused = (what: string, next: string): SlipwayError =>
  new SlipwayError({ code: "USAGE", what, servesNow: NOTHING_TOUCHED, next });
