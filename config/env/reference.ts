import { distance } from "fastest-levenshtein";
import type { ConfigPath } from "../schema/problem.ts";

/** A reference to an accessory in a value: `${accessories.db.secret.POSTGRES_PASSWORD}`. */
export interface Reference {
  readonly accessory: string;
  readonly part: "host" | "port" | "env" | "secret";
  /** The variable of the accessory's environment. */
  readonly name?: string;
}

/** Literal text, or a reference to be replaced. */
export type Part = string | Reference;

/** A value of an environment that refers to accessories, as written. */
export interface Wire {
  readonly parts: readonly Part[];
  /** Distinguishes two values by a text that may be public. */
  readonly id: string;
  /** Whether the value is secret because its `env` is encrypted as a whole. */
  readonly hidden: boolean;
  readonly place: ConfigPath;
}

/** `$${accessories` is a literal `${accessories`. */
const FORM = /(\$?)\$\{(\w+)(?:(\.[^}\s]*))?(\}?)/g;
const WORD = "accessories";
const RULE = `write \${${WORD}.NAME.host}, .port, .env.VARIABLE or .secret.VARIABLE`;

/**
 * The references in a value; undefined for plain text.
 *
 * @example parseValue("redis://${accessories.cache.host}:6379", place)
 */
export function parseValue(text: string, place: ConfigPath): Wire | undefined {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(FORM)) {
    const [whole, twice, word = "", path = "", end] = match;
    if (word !== WORD) {
      if (path !== "" && twice === "" && isSlip(word)) place.refuse(`\${${word}… is not a reference: did you mean \${${WORD}…?`);
      continue;
    }
    parts.push(text.slice(from, match.index));
    from = match.index + whole.length;
    if (twice === "$") parts.push(whole.slice(1));
    else parts.push(parseReference(path, end === "}", place));
  }
  if (from === 0) return undefined;
  return { parts: joined([...parts, text.slice(from)]), id: text, hidden: false, place };
}

/** Similar enough to be a typing error, and unlike the variables of other programs. */
const isSlip = (word: string): boolean => word.startsWith("acc") && distance(word, WORD) <= 4;

function parseReference(path: string, closed: boolean, place: ConfigPath): Part {
  const [, accessory = "", part = "", name, ...more] = path.split(".");
  const whole = more.length === 0 && accessory !== "";
  if (!closed) place.refuse(`a reference to an accessory lacks its closing }: ${RULE}`);
  else if (whole && (part === "host" || part === "port") && name === undefined) return { accessory, part };
  else if (whole && (part === "env" || part === "secret") && name) return { accessory, part, name };
  else place.refuse(`\${${WORD}${path}} is not a reference: ${RULE}`);
  return "";
}

function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === "string" && typeof last === "string") all[all.length - 1] = last + part;
    else if (part !== "") all.push(part);
  }
  return all;
}

/** Whether a value is a URL, `postgres://…` or `jdbc:postgresql://…`: replaced parts of a URL are percent-encoded. */
export const isUrl = ({ parts: [first] }: Wire): boolean =>
  typeof first === "string" && /^(?:[a-z][a-z0-9+.-]*:)+\/\//i.test(first);
