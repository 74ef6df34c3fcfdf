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

/**
 * Writes a report, or a list of them, for machines: each has the version of its shape, which is 1 unless the report has its own. Keys are
 * added, never renamed or removed; the version changes if that must be broken.
 */
export function printJson(report: object | readonly object[]): void {
  const versioned = (one: object) => ({ schema: 1, ...one });
  const all: unknown = Array.isArray(report) ? report.map(versioned) : versioned(report);
  print(`${JSON.stringify(all, undefined, 2)}\n`);
}

export const printLine = (text: string): void => console.info(screenText(text));
