import { stripVTControlCharacters } from "node:util";

/** The value of a JSON text; `undefined` if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads the output of a script of ours, where each line begins with a word that names its subject.
 *
 * @example wordLines("group docker\ngroup sudo\nuid 0")("group") // ["docker", "sudo"]
 */
export function wordLines(text: string): (word: string) => string[] {
  const lines = text.split("\n");
  return (word) => lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
}

/** One line without control characters and without characters that reorder text: both would act on the reader's terminal. */
export const printable = (line: string): string => stripVTControlCharacters(line).replace(/(?!\t)\p{Cc}|\p{Bidi_Control}/gu, "");

/**
 * The same for a text of several lines. What hosts and registries say goes through it in a `SlipwayError`, in a `Report` and in the output
 * of the commands, and nowhere else.
 *
 * @example printableText("\u001b[2Jgone\r\nsafe") // "gone\nsafe"
 */
export const printableText = (text: string): string => text.split("\n").map(printable).join("\n");

/** The lines of a text that say something. @example linesOf("one\n\n two\n") // ["one", " two"] */
export const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
