import { printableText } from "../../core/text.ts";

const ESCAPE = "\u001b";
/** What `styleText` writes for red, green and yellow, and at their end. */
const OUR_COLOURS = new RegExp(`(${ESCAPE}\\[(?:3[1-3]|39)m)`);

/** A screen without what acts on a terminal: container names, labels, log lines and images come from hosts. Our own colours stay. */
export const screenText = (text: string): string =>
  text
    .split(OUR_COLOURS)
    .map((part, at) => (at % 2 === 1 ? part : printableText(part)))
    .join("");

/** Writes what was asked for to stdout. */
export const print = (text: string): boolean => process.stdout.write(screenText(text));

export const printLine = (text: string): void => console.info(screenText(text));
