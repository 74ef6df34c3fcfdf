import { z } from "zod";
import { COMMAND_NAMES } from "../core/command-names.ts";
import { splitCommand } from "./container/command.ts";
import { quoted } from "./schema/name.ts";
import { type ConfigPath, Problems } from "./schema/problem.ts";
import { orNearest } from "./schema/unknown-key.ts";

export const AliasesSection = z.record(z.string(), z.string());

/** The words of each alias, by its name. */
export type Aliases = ReadonlyMap<string, readonly string[]>;

const NAME = /^[a-z0-9][a-z0-9_-]*$/;
const COMMANDS: ReadonlySet<string> = new Set(COMMAND_NAMES);

/** Reads the aliases of a stack, and refuses those that could not be used. */
export function resolveAliases(written: z.infer<typeof AliasesSection> = {}, place: ConfigPath): Aliases {
  const words = new Map(Object.entries(written).map(([name, text]) => [name, splitCommand(text, place.at(name))]));
  const known = [...COMMAND_NAMES, ...words.keys()];
  for (const [name, [first]] of words) {
    const here = place.at(name);
    if (!NAME.test(name)) here.refuse("the name of an alias has lower-case letters, digits, - and _");
    else if (COMMANDS.has(name)) here.refuse(`${name} is a command of slipway: give the alias another name`);
    if (first === undefined) continue;
    if (first === "slipway") here.refuse("write it without slipway, as what follows it");
    else if (!known.includes(first)) here.refuse(`${quoted(first)} is no command of slipway${likeOne(first, known)}`);
    else if (isCircle(name, words)) here.refuse("leads back to itself");
  }
  return words;
}

/** The same for the command line, which needs nothing else of the config. @param file where they are written */
export function readAliases(written: unknown, file: string): Aliases {
  const problems = new Problems();
  const place = problems.at("aliases");
  const parsed = AliasesSection.safeParse(written ?? {});
  if (!parsed.success) place.refuse("should be a map of names and commands");
  const aliases = resolveAliases(parsed.data, place);
  if (!problems.none) throw problems.error(file, ["aliases"]);
  return aliases;
}

/** All of them would be a line of their own. */
const likeOne = (name: string, known: readonly string[]): string => {
  const nearest = orNearest(name, known);
  return nearest.startsWith("did you mean") ? `; ${nearest}` : ", which slipway --help lists";
};

function isCircle(name: string, words: Aliases): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && words.has(at); at = words.get(at)?.[0]) {
    if (seen.has(at)) return at === name;
    seen.add(at);
  }
  return false;
}

/**
 * A command line that begins with an alias, as one that begins with a command.
 *
 * @example expandAlias(["console", "--sandbox"], aliases) // ["exec", "-i", "--", "bin/rails", "console", "--sandbox"]
 */
export function expandAlias([first = "", ...rest]: readonly string[], aliases: Aliases): string[] {
  const words = COMMANDS.has(first) ? undefined : aliases.get(first);
  return words === undefined ? [first, ...rest] : expandAlias([...words, ...rest], aliases);
}
