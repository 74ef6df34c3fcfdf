import { styleText } from "node:util";
import { screenOf as screenOfImport } from "../import/screen.ts";
import type { InitReport, NextCommand } from "./report.ts";

/** The verdict, what was found where, what the user has to know, and the next commands. */
export function screenOf(report: InitReport): string {
  if (report.kind === "imported")
    return `config/deploy.yml is Kamal's, so this is slipway import:\n\n${screenOfImport(report.import)}`;
  const { service, stack, folder, written, next } = report;
  const where = folder === "." ? "this folder" : `${folder}/`;
  if (report.kind === "present") {
    const verdict = `✓ is a project already, in ${where}: stack ${stack}, ${report.hosts.join(", ")}`;
    const more = written.length === 0 ? "nothing was written" : `written: ${written.join(", ")}`;
    return lines([`${service}   ${styleText("green", verdict)}`, `  ${more}`], nextLines(next));
  }
  const { kept, server, found, notes, state, passphrase } = report;
  const verdict = `✓ stack ${stack} on ${server.user}@${server.address}, in ${where}`;
  return lines(
    [
      `${service}   ${styleText("green", verdict)}`,
      `  written: ${written.join(", ")}`,
      ...(kept.length === 0 ? [] : [`  kept as they were: ${kept.join(", ")}`]),
    ],
    [
      ...found.map((line) => `  ${line}`),
      `  host key ${server.fingerprint} (${server.trustedBy})`,
      `  state in ${state}${passphrase === null ? "" : `; its passphrase in ${passphrase}, which git ignores`}`,
    ],
    notes.map((line) => styleText("yellow", `! ${line}`)),
    nextLines(next),
  );
}

const lines = (...blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;

function nextLines(commands: readonly NextCommand[]): string[] {
  const width = Math.max(0, ...commands.map(({ command }) => command.length));
  return [styleText("bold", "next"), ...commands.map(({ command, says }) => `  ${command.padEnd(width)}   ${says}`.trimEnd())];
}
