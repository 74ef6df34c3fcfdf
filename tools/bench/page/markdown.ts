/** A table of Markdown; the first column is text, the others are figures. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, at) => (at === 0 ? "---" : "--:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Without a figure the cell is a dash. */
export const figure = (value: number | undefined, places = 2): string => (value === undefined ? "–" : value.toFixed(places));
