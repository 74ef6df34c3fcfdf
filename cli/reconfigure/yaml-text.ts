import { isMap } from "../../core/values.ts";

/** What a value is written as. Both kinds of readers, of YAML 1.1 (Pulumi) and of 1.2, read it back as it is. */

/** One level of a block. */
const STEP = "  ";

/** A value on one line: `"red"`, `{"A": "1"}`. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (isMap(value)) {
    const pairs = Object.entries(value).map(([key, inner]) => `${keyText(key)}: ${inline(inner)}`);
    return `{${pairs.join(", ")}}`;
  }
  return typeof value === "string" ? quoted(value) : JSON.stringify(value);
}

/** A value that goes behind `key:`: on the same line, or as a block below it. */
export function behindKey(value: unknown, indent: string, eol: string): string {
  return isBlock(value) ? eol + lines(value, indent).join(eol) : ` ${inline(value)}`;
}

/** Whether a value is written as a block of lines. */
export const isBlock = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(isCollection) : isMap(value) && Object.keys(value).length > 0;

function lines(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${inline(item)}`);
  return Object.entries(isMap(value) ? value : {}).flatMap(([key, inner]) =>
    isBlock(inner)
      ? [`${indent}${keyText(key)}:`, ...lines(inner, indent + STEP)]
      : [`${indent}${keyText(key)}: ${inline(inner)}`],
  );
}

const isCollection = (value: unknown): boolean => typeof value === "object" && value !== null;

/** Line breaks of YAML 1.1, and what neither version allows. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * In double quotes, always: without them `2024-01-31` is a time, and `1_000` and `0b11` are numbers, for a reader of YAML 1.1. Every
 * escape of JSON is one of YAML.
 */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Words that are truth values or null in YAML 1.1. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Keys of the config are words, such as `slipway:env`; all others get quotes. */
export const keyText = (key: string): string =>
  /^[A-Za-z_][\w-]*(?::[A-Za-z_][\w-]*)?$/.test(key) && !WORDS.test(key) ? key : quoted(key);
