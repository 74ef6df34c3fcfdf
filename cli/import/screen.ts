import { styleText } from "node:util";
import { placeText } from "../../kamal/source/place.ts";
import type { Finding } from "../../kamal/translate/finding.ts";
import type { NeededSecret } from "../../kamal/translate/secret-book.ts";
import { pathText } from "../../kamal/yaml/tree.ts";
import type { ImportReport, StackReport } from "./report.ts";

/** The verdict, what needs a person, what was translated, the secrets to set, and the next commands. */
export function screenOf(report: ImportReport): string {
  const { stacks, kept } = report;
  const blocks = [
    [headline(report)],
    ...(kept.length === 0 ? [] : [[`kept as they were: ${kept.join(", ")}`]]),
    ...stacks.flatMap((stack) => stackLines(stack, report)),
    nextLines(report),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function headline({ service, folder, stacks, written }: ImportReport): string {
  const asked = stacks.reduce((sum, { counts }) => sum + counts["needs you"], 0);
  const what = `${stacks.length} ${stacks.length === 1 ? "stack" : "stacks"} in ${folder}/ (${written.length} files)`;
  const verdict =
    asked === 0
      ? styleText("green", `✓ imported: ${what}`)
      : styleText("yellow", `! imported: ${what}; ${asked} ${asked === 1 ? "place needs" : "places need"} you`);
  return `${service}   ${verdict}`;
}

function stackLines({ stack, from, counts, findings, secrets, differences }: StackReport, report: ImportReport): string[][] {
  const title = `${stack}   from ${from.join(" and ")}: ${counts.taken} taken, ${counts.translated} translated, ${counts["needs you"]} ${counts["needs you"] === 1 ? "needs" : "need"} you`;
  return [
    [title],
    ...block("needs you", rowsOf(findings, "needs you")),
    ...block("translated", rowsOf(findings, "translated")),
    ...block(
      "different by default",
      differences.map((says) => [says]),
    ),
    ...block(
      `secrets to set, in ${report.folder}/`,
      secrets.map((secret) => secretRow(secret, stack, report)),
    ),
  ];
}

/** One kind of finding. Values that have become the same in several places are one row for each. */
const rowsOf = (findings: readonly Finding[], outcome: Finding["outcome"]): string[][] =>
  findings.filter((finding) => finding.outcome === outcome).map(({ at, path, says }) => [placeText(at), pathText(path), says]);

const block = (title: string, rows: readonly (readonly string[])[]): string[][] =>
  rows.length === 0 ? [] : [[styleText("bold", title), ...aligned(rows)]];

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(
    (row) => `  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ")}`,
  );
}

/** A command that sets it, and where its value is today. */
function secretRow({ name, print, from }: NeededSecret, stack: string, { stacks }: ImportReport): string[] {
  const chosen = stacks.length > 1 ? ` --stack ${stack}` : "";
  const set = `npx slipway pulumi config set${chosen} --secret --path 'slipway:secrets.${name}'`;
  if (print === undefined) return [set, `# ${from}`];
  return [`${print} | ${set}`, `# ${from}`];
}

function nextLines({ folder, stacks, kept }: ImportReport): string[] {
  const asked = stacks.filter(({ counts }) => counts["needs you"] > 0);
  const hasSecrets = stacks.some(({ secrets }) => secrets.length > 0);
  const [first] = stacks;
  const commands = [
    [`cd ${folder} && npm install${kept.includes("package.json") ? " @pulumi/pulumi slipway" : ""}`, ""],
    ...(asked.length > 0 ? [["edit", `what needs you, in ${asked.map(({ stack }) => `Pulumi.${stack}.yaml`).join(", ")}`]] : []),
    [
      `npx slipway pulumi stack init ${first?.stack ?? "production"}`,
      stacks.length > 1 ? "and the same for each other stack" : "",
    ],
    ...(hasSecrets ? [["the commands above", "for its secrets"]] : []),
    ["npx slipway doctor", "what it would take over, and what is in the way"],
    ["npx slipway pulumi preview", "the takeover's plan; nothing has been changed on any host"],
  ];
  return [styleText("bold", "next"), ...aligned(commands).map((line) => line.trimEnd())];
}
