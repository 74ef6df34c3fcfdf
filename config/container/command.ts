import type { ConfigPath } from "../schema/problem.ts";

const OPERATORS = /^[|&;<>()]$/;

/** Splits a command like a shell, without one: quotes group, a backslash escapes, nothing is expanded. */
export function splitCommand(text: string, place: ConfigPath): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote) {
      if (char === quote) quote = undefined;
      else if (char === "\\" && quote === '"' && /["\\$`]/.test(text.charAt(at + 1))) word = `${word ?? ""}${text.charAt(++at)}`;
      else word = `${word ?? ""}${char}`;
      continue;
    }
    if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\" && at + 1 < text.length) {
      word = `${word ?? ""}${text.charAt(++at)}`;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (OPERATORS.test(char)) {
      place.refuse(`it is not run by a shell, so ${char} is not supported: write sh -c '…' around it`);
      return [];
    } else {
      word = `${word ?? ""}${char}`;
    }
  }
  if (quote) place.refuse(`a ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  if (words.length === 0 && !quote) place.refuse("should not be empty");
  return words;
}
