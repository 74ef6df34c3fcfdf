import type { Bytes } from "../../core/words.ts";
import type { ConfigPath } from "../schema/problem.ts";

const OPERATORS = /^[|&;<>()]$/;
const SHELL = "write sh -c '…' around it";

/**
 * Splits a command like a shell, without one: quotes group, a backslash escapes, one at the end of a line continues it, nothing is expanded.
 *
 * @example splitCommand("bin/jobs --queues 'a b'", place) // ["bin/jobs", "--queues", "a b"]
 */
export function splitCommand(text: string, place: ConfigPath): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote) {
      if (char === quote) quote = undefined;
      else if (char === "\\" && quote === '"' && text.charAt(at + 1) === "\n") at++;
      else if (char === "\\" && quote === '"' && /["\\$`]/.test(text.charAt(at + 1))) word = `${word ?? ""}${text.charAt(++at)}`;
      else word = `${word ?? ""}${char}`;
      continue;
    }
    if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\" && text.charAt(at + 1) === "\n") {
      at++;
    } else if (char === "\\" && at + 1 === text.length) {
      place.refuse("a \\ at the end escapes nothing");
      return [];
    } else if (char === "\\") {
      word = `${word ?? ""}${text.charAt(++at)}`;
    } else if (/\s/.test(char)) {
      if (char === "\n" && [...words, word].join("") !== "" && text.slice(at).trim() !== "") {
        place.refuse(`it is not run by a shell, so a line break is not supported: end the line with \\, or ${SHELL}`);
        return [];
      }
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (OPERATORS.test(char) || (char === "#" && word === undefined)) {
      place.refuse(`it is not run by a shell, so ${char} is not supported: ${SHELL}`);
      return [];
    } else {
      word = `${word ?? ""}${char}`;
    }
  }
  if (quote) place.refuse(`a ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  refuseTooLong(words, place);
  if (words.length === 0 && !quote) place.refuse("should not be empty");
  return words;
}

/** A command as text, which is split, or as a list of arguments. */
export function resolveCommand(input: string | string[] | undefined, place: ConfigPath): string[] | undefined {
  if (typeof input === "string") return splitCommand(input, place);
  refuseTooLong(input ?? [], place);
  return input;
}

/** Linux starts no program with a longer argument or `NAME=value`, which ends with a null character. */
export const LONGEST_ARGUMENT: Bytes = 128 * 1024 - 1;

function refuseTooLong(words: readonly string[], place: ConfigPath): void {
  if (words.some((one) => Buffer.byteLength(one) > LONGEST_ARGUMENT))
    place.refuse("has an argument that is too long: Linux takes at most 128 KiB");
}
