import type { ConfigPath } from "./problem.ts";

/** Deeper than any config: what checks a value calls itself for each level. */
const DEEPEST = 100;

/** Why a number is refused that is not what the file says. */
export const CHANGED = "is a number that YAML does not hold as it is written: write it in quotes";

/** `undefined`: it is nested too deeply. */
type Read = { readonly value: unknown } | undefined;

/** What a key is made of. */
interface Digits {
  /** Whether a number whose digits JavaScript does not hold becomes text, of which variables and labels are made. */
  readonly keptAsText: boolean;
}

/**
 * A value as Pulumi passes it: JSON, else text.
 *
 * @example readJson('{"A":9007199254740993}', { keptAsText: true }) // { value: { A: "9007199254740993" } }
 */
export function readJson(text: string, { keptAsText }: Digits): Read {
  const digitsOf = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const digits = context?.source ?? "";
    return keptAsText && typeof value === "number" && !Number.isSafeInteger(value) && isExact(digits) ? digits : value;
  };
  try {
    return { value: JSON.parse(text, digitsOf) };
  } catch (error) {
    return error instanceof RangeError ? undefined : { value: text };
  }
}

/** Pulumi passes these as they are written; of a larger number it passes an approximation. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 64n - 1n];

const isExact = (digits: string): boolean => /^-?\d+$/.test(digits) && BigInt(digits) >= LEAST && BigInt(digits) <= MOST;

/** What may be in a value of a root key. */
export interface Written {
  /** Whether it may look like a time: an encrypted value is not read as YAML. */
  readonly mayBeTime: boolean;
}

/**
 * Refuses, at its place, what would not arrive as it was written: numbers and dates that were changed on the way, and what no container
 * can have. Returns the value without it, so that the rest is checked too.
 *
 * @example asWritten({ A: "a\\0b" }, { mayBeTime: false }, problems.at("env"))
 */
export function asWritten(value: unknown, may: Written, place: ConfigPath): unknown {
  if (place.path.length > DEEPEST) return void place.refuse("is nested too deeply");
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) place.refuse(CHANGED);
  if (typeof value === "string") return text(value, may, place);
  if (Array.isArray(value)) return value.map((item: unknown, at) => asWritten(item, may, place.at(at)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const here = place.at(key);
      if (key !== PROTO) return [[text(key, may, here), asWritten(inner, may, here)]];
      here.refuse("cannot be a name here: choose a different one");
      return [];
    }),
  );
}

/** An object of JavaScript cannot have it as a key like others. */
const PROTO = "__proto__";
/** How Go writes a time. No one writes this into a file. */
const TIME = /^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} ([A-Z]{1,5}|[+-]\d{2,4})$/;

function text(value: string, { mayBeTime }: Written, place: ConfigPath): string {
  if (!mayBeTime && TIME.test(value)) place.refuse("is a date, which YAML reads as a time: write it in quotes");
  if (!value.includes("\0")) return value;
  place.refuse("contains a null character (\\0), which no container can have");
  return value.replaceAll("\0", "");
}
