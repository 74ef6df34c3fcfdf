/** A table in Markdown without the columns that are empty. */
export function table(columns: Readonly<Record<string, readonly string[]>>): string {
  const used = Object.entries(columns).filter(([, cells]) => cells.some((text) => text !== ""));
  const [first = ["", []] as const] = used;
  const rows = first[1].map((_, at) => used.map(([, cells]) => cells[at] ?? ""));
  return [used.map(([title]) => title), used.map(() => "---"), ...rows].map(line).join("");
}

const line = (cells: readonly string[]): string => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |\n`;
