import { styleText } from "node:util";

/** Where the display of a run stops being progress and becomes something to read. */
const SECTIONS = /^(Diagnostics|Outputs|Resources|Duration|Updating|Destroying|Previewing)\b/;
const RESOURCE = /^ {2}(?:[\w:/-]+:)?(\w+) \(([\w.-]+)\):$/;
/** Said by Pulumi about the stack, after the resource itself has said what happened. */
const ECHO = /error: (?:update|preview) failed/;

/** What is worth reading of a run: what our resources said, and how many changed. What the preview has shown is not repeated for the update. */
export function newLines(output: string): string[] {
  const lines: string[] = [];
  let section = "";
  for (const line of output.split("\n")) {
    const [, begins] = SECTIONS.exec(line) ?? [];
    if (begins !== undefined) section = begins;
    else if (section === "Diagnostics" && !RESOURCE.test(line) && !ECHO.test(line)) lines.push(line.slice(4));
    else if (section === "Resources") lines.push(line.trim());
  }
  return [...new Set(lines.filter((line) => line.trim() !== ""))];
}

/** A table of two columns, as wide as it must be. */
export function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...[head, ...rows].map(([left]) => left.length)) + 3;
  const line = ([left, right]: readonly [string, string]) => `${left.padEnd(width)}${right}`;
  return [styleText("bold", line(head)), ...rows.map(line)].join("\n");
}
