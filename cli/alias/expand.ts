import { closest, distance } from "fastest-levenshtein";
import { expandAlias } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { aliasesOf } from "./read.ts";

/** `-s STACK` and its long forms right behind the name of an alias. */
const STACK = /^(?:-s|--stack)(?:=(.*))?$/s;

/**
 * The command line that an alias stands for. `-s STACK` right behind its name chooses the stack, for the alias and for its command: an option at
 * the end would belong to a program that the command runs.
 *
 * @param commands of slipway, for a word that is neither
 */
export async function withoutAlias(
  [name = "", ...rest]: readonly string[],
  commands: readonly string[],
): Promise<readonly string[]> {
  const [option = "", next = ""] = rest;
  const chosen = STACK.exec(option);
  const args = chosen === null ? rest : rest.slice(chosen[1] === undefined ? 2 : 1);
  // Pulumi and our own commands take it from there.
  if (chosen !== null) process.env.PULUMI_STACK = chosen[1] ?? next;
  const aliases = await aliasesOf();
  if (!aliases.has(name)) throw unknown(name, [...commands, ...aliases.keys()], [...aliases.keys()]);
  return expandAlias([name, ...args], aliases);
}

function unknown(name: string, known: readonly string[], aliases: readonly string[]): SlipwayError {
  const nearest = closest(name, known);
  const isNear = distance(name, nearest) <= Math.max(2, name.length / 3);
  return new SlipwayError({
    code: "USAGE",
    what: `unknown command: ${name}${isNear ? ` (Did you mean ${nearest}?)` : ""}`,
    ...(aliases.length === 0 ? {} : { evidence: [`aliases of this stack: ${[...aliases].sort().join(", ")}`] }),
    servesNow: NOTHING_TOUCHED,
    next: "slipway --help lists the commands; aliases of your own are written in slipway:aliases",
  });
}
