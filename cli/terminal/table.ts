import { stripVTControlCharacters } from "node:util";

const GAP = "  ";

/** Rows in columns of equal width; columns without any text are left out. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const used = heading.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const widths = heading.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(widthOf)));
  const line = (cells: readonly string[]) =>
    cells
      .flatMap((cell, column) => (used[column] ? [cell + " ".repeat((widths[column] ?? 0) - widthOf(cell))] : []))
      .join(GAP)
      .trimEnd();
  return [heading, ...rows].map(line);
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;
