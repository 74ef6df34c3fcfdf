import { styleText } from "node:util";
import { table } from "../terminal/table.ts";
import type { DoctorReport, Finding } from "./report.ts";

const MARKS = { fine: ["✓", "green"], warning: ["!", "yellow"], wrong: ["✗", "red"] } as const;
const VERDICTS = {
  ready: ["✓ ready for a release", "green"],
  "ready with warnings": ["! ready, with", "yellow"],
  "not ready": ["✗ not ready:", "red"],
} as const;

/** One table with a line for each check; problems are followed by evidence and what to do. Colours only if stdout is a terminal. */
export function screenOf(report: DoctorReport): string {
  const rows = report.findings.flatMap((finding, at) => rowsOf(finding, report.findings[at - 1]));
  return `${[headline(report), "", ...table(["host", "check", "", "found"], rows)].join("\n")}\n`;
}

function headline({ service, stack, verdict, findings }: DoctorReport): string {
  const [words, colour] = VERDICTS[verdict];
  const count = (result: Finding["result"], word: string, plural: string) => {
    const { length } = findings.filter((finding) => finding.result === result);
    return length === 0 ? [] : [`${length} ${length === 1 ? word : plural}`];
  };
  const counts = [...count("wrong", "wrong", "wrong"), ...count("warning", "warning", "warnings")].join(", ");
  return `${service} / ${stack}   ${styleText(colour, [words, counts].filter((part) => part !== "").join(" "))}`;
}

function rowsOf({ host, check, result, found, evidence, next }: Finding, before: Finding | undefined): string[][] {
  const [mark, colour] = MARKS[result];
  const below = [...evidence.map((line) => `| ${line}`), ...(next === null ? [] : [`next: ${next}`])];
  return [
    [before !== undefined && before.host === host ? "" : (host ?? "(stack)"), check, styleText(colour, mark), found],
    ...below.map((line) => ["", "", "", `  ${line}`]),
  ];
}
