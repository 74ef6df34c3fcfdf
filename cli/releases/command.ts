import { Command } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

interface Options extends StackOptions {
  readonly json?: true;
}

export const command = (): Command =>
  new Command("releases")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--json", "print JSON (its shape: cli/releases/report.ts)")
    .addHelpText("after", "\nslipway rollback --to takes a number, an id or a version of this list.")
    .action(releases);

async function releases({ stack, app, json }: Options): Promise<void> {
  const { reportReleases, tableOf } = await import("./report.ts");
  const report = await reportReleases(stack, app);
  if (json) printJson(report);
  else print(tableOf(report));
}
