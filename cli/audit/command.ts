import { Command, InvalidArgumentError } from "commander";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

interface Options extends StackOptions {
  readonly host?: string[];
  readonly lines: number;
  readonly json?: true;
}

/** As many as Kamal shows. */
const LINES = 50;

export const command = (): Command =>
  new Command("audit")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--host <names>", "only these hosts, separated by commas, and not the state", names)
    .option("-n, --lines <count>", "the newest entries of the state and of each host", count, LINES)
    .option("--json", "print JSON (its shape: cli/audit/report.ts)")
    .addHelpText(
      "after",
      [
        "",
        "Each host keeps a journal of what was changed there, in /var/lib/slipway; the state of the stack has its updates. Times of a host are",
        "by its own clock. A run that was killed is in the journal as one without a result.",
      ].join("\n"),
    )
    .action(audit);

async function audit({ host, lines, json, ...options }: Options): Promise<void> {
  const [{ collectAudit }, { auditLines }] = await Promise.all([import("./collect.ts"), import("./screen.ts")]);
  const report = await collectAudit(options, host, lines);
  if (json) printJson(report);
  else print(`${auditLines(report, lines).join("\n")}\n`);
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new InvalidArgumentError("It must be a number from 1 to 10000.");
  return value;
}
