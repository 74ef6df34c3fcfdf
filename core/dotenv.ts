/** A piece of a value. */
export type DotenvPart =
  | { readonly kind: "text"; readonly text: string }
  /** `$NAME`, `${NAME}`, `${NAME:-fallback}` */
  | { readonly kind: "variable"; readonly name: string; readonly fallback: string | undefined; readonly written: string }
  /** `$(command)`, as it is written. */
  | { readonly kind: "command"; readonly command: string };

/** One line `NAME=value` of a file, which may go on over several lines. */
export interface Assignment {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly quote: "" | "'" | '"';
  readonly parts: readonly DotenvPart[];
}

const NAME = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*(?:=|:\s)[ \t]*/;

/**
 * Reads a file in the syntax of dotenv as Kamal does (Ruby's dotenv 3): `NAME=value`, quotes, `$NAME`, `${NAME:-fallback}`, `$(command)`,
 * values of several lines, comments. `\n` in double quotes stays as it is. Runs and looks up nothing.
 *
 * @example parseDotenv("A=$B")[0]?.parts // [{ kind: "variable", name: "B", fallback: undefined, written: "$B" }]
 */
export function parseDotenv(text: string): Assignment[] {
  const found: Assignment[] = [];
  const source = text.replaceAll("\r\n", "\n");
  let offset = 0;
  let line = 1;
  while (offset < source.length) {
    const rest = source.slice(offset);
    const [begin, name] = NAME.exec(lineOf(rest)) ?? [];
    const isName = begin !== undefined && name !== undefined;
    const length = isName ? begin.length + lengthOfValue(rest.slice(begin.length)) : lineOf(rest).length;
    if (isName) found.push({ name, line, ...valueIn(rest.slice(begin.length, length)) });
    const taken = source.slice(offset, offset + length + 1);
    line += taken.split("\n").length - 1;
    offset += length + 1;
  }
  return found;
}

const lineOf = (text: string): string => text.split("\n", 1)[0] ?? "";

/** To the end of the line, or of what goes on over several. */
function lengthOfValue(text: string): number {
  const end = endOfQuoted(text);
  if (end !== undefined) return end + lineOf(text.slice(end)).length;
  let at = 0;
  while (at < text.length && text[at] !== "\n") at = after(text, at);
  return Math.min(at, text.length);
}

/** After the character here, or the whole of an escaped one or of a command. */
function after(text: string, at: number): number {
  if (text[at] === "\\") return at + 2;
  return text.startsWith("$(", at) ? (endOfCommand(text, at) ?? at + 1) : at + 1;
}

/** After the closing quote of a value that begins with one; `undefined`: it does not, or is not closed. */
function endOfQuoted(text: string): number | undefined {
  const quote = text[0];
  if (quote !== "'" && quote !== '"') return undefined;
  for (let at = 1; at < text.length; ) {
    if (text[at] === quote) return at + 1;
    at = quote === "'" ? at + (text[at] === "\\" ? 2 : 1) : after(text, at);
  }
  return undefined;
}

/** After the `)` of the `$(` here. A parenthesis between quotes of the command closes nothing. */
function endOfCommand(text: string, from: number): number | undefined {
  let depth = 0;
  let quote: string | undefined;
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\" && quote !== "'") at++;
    else if (quote !== undefined) quote = char === quote ? undefined : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return at + 1;
  }
  return undefined;
}

function valueIn(written: string): Pick<Assignment, "quote" | "parts"> {
  const text = written.trim();
  const end = endOfQuoted(text);
  const isQuoted = end !== undefined && /^\s*(?:#|$)/.test(lineOf(text.slice(end)));
  if (!isQuoted) return { quote: "", parts: partsOf(withoutComment(text), "") };
  const inner = text.slice(1, end - 1);
  if (text[0] === "'") return { quote: "'", parts: joined([{ kind: "text", text: inner }]) };
  return { quote: '"', parts: partsOf(inner, '"') };
}

function withoutComment(text: string): string {
  for (let at = 0; at < text.length; at = after(text, at)) if (text[at] === "#") return text.slice(0, at).trim();
  return text;
}

const VARIABLE = /^\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/;

function partsOf(text: string, quote: "" | '"'): DotenvPart[] {
  const parts: DotenvPart[] = [];
  for (let at = 0; at < text.length; ) {
    const { part, length } = partAt(text, at, quote);
    parts.push(part);
    at += length;
  }
  return joined(parts);
}

function partAt(text: string, at: number, quote: "" | '"'): { readonly part: DotenvPart; readonly length: number } {
  const char = text.charAt(at);
  const next = text.charAt(at + 1);
  const literal = (own: string, length: number) => ({ part: { kind: "text", text: own }, length }) as const;
  // Ruby's dotenv expands no line breaks since version 3.
  if (char === "\\" && quote === '"' && (next === "n" || next === "r")) return literal(char + next, 2);
  if (char === "\\" && next !== "") return literal(next, 2);
  if (char !== "$") return literal(char, 1);
  const end = next === "(" ? endOfCommand(text, at) : undefined;
  if (end !== undefined) {
    const written = text.slice(at + 2, end - 1);
    return { part: { kind: "command", command: quote === '"' ? written.replaceAll('\\"', '"') : written }, length: end - at };
  }
  const [whole, bare, braced, fallback] = VARIABLE.exec(text.slice(at)) ?? [];
  const name = bare ?? braced;
  if (whole === undefined || name === undefined) return literal(char, 1);
  return { part: { kind: "variable", name, fallback, written: whole }, length: whole.length };
}

function joined(parts: readonly DotenvPart[]): DotenvPart[] {
  const all: DotenvPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (part.kind === "text" && last?.kind === "text") all[all.length - 1] = { kind: "text", text: last.text + part.text };
    else if (part.kind !== "text" || part.text !== "") all.push(part);
  }
  return all;
}
