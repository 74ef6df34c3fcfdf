import type { JsonSchema } from "./json-schema.ts";
import { FORMATS, type Placeholders } from "./placeholder-formats.ts";
import { byKey, type ProgramPlace } from "./program-place.ts";

/** What an output is taken for until it is known. @param nth of the outputs of an app: no two of them have a text in common */
export function placeholdersFor({ key, kinds }: ProgramPlace, nth: number): Placeholders {
  const texts = [`pending-${nth}-a`, `pending-${nth}-b`] as const;
  const format = byKey(FORMATS, key);
  if (typeof format === "function") return [format(texts[0]), format(texts[1])];
  if (format !== undefined) return format;
  if (kinds.length === 0 || kinds.some(isText)) return texts;
  const [one, ...others] = kinds.flatMap(valuesOf);
  // What has a single value has it in any case.
  return [one, others.at(-1) ?? one];
}

/** Some values that one kind of a key accepts. */
function valuesOf(kind: JsonSchema): unknown[] {
  if (kind.enum !== undefined) return kind.enum;
  if ("const" in kind) return [kind.const];
  if (kind.type === "boolean") return [true, false];
  return kind.type === "integer" || kind.type === "number" ? numbersOf(kind) : [];
}

const isText = (kind: JsonSchema): boolean => kind.type === "string" && kind.enum === undefined && !("const" in kind);

/** The example of the key, and the number beside it. */
function numbersOf({ examples: [example] = [], minimum = 1, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): number[] {
  const first = typeof example === "number" ? example : Number(minimum);
  return [first, first < Number(maximum) ? first + 1 : first - 1];
}
