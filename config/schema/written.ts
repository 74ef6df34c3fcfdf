import { isOctal, numberIn, type PlainScalar } from "../../core/plain-scalar.ts";
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

/** Pulumi passes these as they are written; of a larger number in a map it passes an approximation. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

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
  if (typeof value === "number") return number(value, place);
  if (typeof value === "string") return text(value, may, place);
  if (Array.isArray(value)) return value.map((item: unknown, at) => asWritten(item, may, place.at(at)));
  if (typeof value !== "object" || value === null) return value;
  refuseChangedKeys(Object.keys(value), place);
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

/** A port, a time or a text: only of a number with a 0 in front it is clear that another one was meant. */
function number(value: number, place: ConfigPath): number {
  const { plain } = place;
  if (plain !== undefined && isOctal(plain.text) && numberIn(plain.text) === value && Number(plain.text) !== value)
    place.refuse(misread(plain, value, place));
  else if (Number.isInteger(value) && !Number.isSafeInteger(value) && !refuseMisread(value, place)) place.refuse(CHANGED);
  return value;
}

/**
 * Refuses a text that the file has without quotes in another spelling than the one that arrived.
 *
 * @example refuseMisread(1.1, place) // where the file has `1.10`
 */
export function refuseMisread(value: number | boolean | string, place: ConfigPath): boolean {
  const { plain } = place;
  const isMisread = plain !== undefined && plain.text !== String(value) && readingOf(plain.text) === String(value);
  if (isMisread) place.refuse(misread(plain, value, place));
  return isMisread;
}

/** What Pulumi's YAML makes of a scalar without quotes. Only if that is what arrived is the file the source of the value. */
function readingOf(text: string): string {
  const lower = text.toLowerCase();
  if (text.startsWith("\n")) return text.slice(1);
  return /^(true|True|TRUE|false|False|FALSE)$/.test(text) ? lower : String(numberIn(text) ?? text);
}

function misread({ text, line }: PlainScalar, value: number | boolean | string, place: ConfigPath): string {
  if (text.startsWith("\n"))
    return `begins with a line break in line ${line}, which Pulumi drops: store the value encrypted (pulumi config set --secret)`;
  const advice = isOctal(text) ? "write it in quotes, or a number without the 0 in front" : "write it in quotes";
  return place.isHidden
    ? `is in line ${line} without quotes, and YAML reads something else there: ${advice}`
    : `is ${text} in line ${line}, which YAML reads as ${value}: ${advice}`;
}

function refuseChangedKeys(keys: readonly string[], place: ConfigPath): void {
  const arrived = new Set(keys);
  for (const { path, text, line } of place.plainKeys) {
    if (arrived.has(text) || !arrived.has(readingOf(text))) continue;
    place.at(path.at(-1) ?? "").refuse(`is a name in line ${line}, which YAML reads as ${readingOf(text)}: write it in quotes`);
  }
}
