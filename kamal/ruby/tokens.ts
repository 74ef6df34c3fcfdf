/** A word of the Ruby that an import understands. */
export type Token =
  | { readonly is: "text"; readonly parts: readonly (string | { readonly code: string })[] }
  | { readonly is: "number"; readonly value: number }
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "command"; readonly command: string }
  | { readonly is: "words"; readonly words: readonly string[] }
  | { readonly is: "sign"; readonly sign: string };

/** Ruby that an import does not run. */
export class NotUnderstood extends Error {}

const SIGNS = ["&.", "||", "&&", "==", "!=", "=~", "&:", "[", "]", "(", ")", "{", "}", ".", ",", "?", ":", "!", "+", "|", "="];
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** @example tokens('ENV["HOST"].strip') */
export function tokens(code: string): Token[] {
  const all: Token[] = [];
  let at = 0;
  while (at < code.length) {
    const rest = code.slice(at);
    const space = /^(?:\s+|#.*)/.exec(rest)?.[0];
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const { token, length } = tokenAt(rest);
    all.push(token);
    at += length;
  }
  return all;
}

function tokenAt(rest: string): { readonly token: Token; readonly length: number } {
  const [number] = /^\d[\d_]*(?:\.\d+)?/.exec(rest) ?? [];
  if (number !== undefined) return { token: { is: "number", value: Number(number.replaceAll("_", "")) }, length: number.length };
  const [name] = /^[A-Za-z_]\w*(?:[?!](?![=~]))?/.exec(rest) ?? [];
  if (name !== undefined) return { token: { is: "name", name }, length: name.length };
  const first = rest.charAt(0);
  if (first === '"') return doubleQuoted(rest, 1, '"');
  if (first === "'") return singleQuoted(rest, 1, "'");
  if (first === "`") return commandIn(rest, 1, "`");
  const [percent, kind = "", open = ""] = /^%([xqQwW]?)([([{<|!])/.exec(rest) ?? [];
  if (percent !== undefined) return percentLiteral(rest, percent, kind, open);
  const sign = SIGNS.find((one) => rest.startsWith(one));
  if (sign === undefined) throw new NotUnderstood(first);
  return { token: { is: "sign", sign }, length: sign.length };
}

function percentLiteral(rest: string, percent: string, kind: string, open: string) {
  const close = CLOSING[open] ?? open;
  if (kind === "x") return commandIn(rest, percent.length, close);
  if (kind === "q") return singleQuoted(rest, percent.length, close);
  if (kind === "" || kind === "Q") return doubleQuoted(rest, percent.length, close);
  const end = rest.indexOf(close, percent.length);
  if (end < 0) throw new NotUnderstood(percent);
  const words = rest
    .slice(percent.length, end)
    .split(/\s+/)
    .filter((word) => word !== "");
  return { token: { is: "words", words } as const, length: end + close.length };
}

function singleQuoted(rest: string, from: number, close: string) {
  let text = "";
  for (let at = from; at < rest.length; at++) {
    const char = rest.charAt(at);
    const next = rest.charAt(at + 1);
    if (char === close) return { token: { is: "text", parts: [text] } as const, length: at + 1 };
    if (char === "\\" && (next === close || next === "\\")) {
      text += next;
      at++;
    } else text += char;
  }
  throw new NotUnderstood("a text that does not end");
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", s: " ", e: "\u001b", "0": "\0" };

function doubleQuoted(rest: string, from: number, close: string) {
  const parts: (string | { readonly code: string })[] = [];
  let text = "";
  for (let at = from; at < rest.length; at++) {
    const char = rest.charAt(at);
    if (char === close) return { token: { is: "text", parts: [...parts, text] } as const, length: at + close.length };
    if (char === "\\") text += escaped(rest.charAt(++at));
    else if (char === "#" && rest.charAt(at + 1) === "{") {
      const end = endOfBraces(rest, at + 2);
      parts.push(text, { code: rest.slice(at + 2, end) });
      text = "";
      at = end;
    } else text += char;
  }
  throw new NotUnderstood("a text that does not end");
}

function escaped(char: string): string {
  if (/[xuMCc]/.test(char)) throw new NotUnderstood(`\\${char}`);
  return ESCAPES[char] ?? char;
}

function endOfBraces(rest: string, from: number): number {
  let depth = 1;
  for (let at = from; at < rest.length; at++) {
    if (rest.charAt(at) === "{") depth++;
    if (rest.charAt(at) === "}" && --depth === 0) return at;
  }
  throw new NotUnderstood("#{ that does not end");
}

function commandIn(rest: string, from: number, close: string) {
  const end = rest.indexOf(close, from);
  if (end < 0) throw new NotUnderstood("a command that does not end");
  return { token: { is: "command", command: rest.slice(from, end) } as const, length: end + close.length };
}
