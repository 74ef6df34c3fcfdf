import { Command } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

/** What the process ends with: all is as declared, something is not, or a host could not be asked. */
const EXIT_CODES = { "as declared": 0, "not as declared": 1, unknown: 2 } as const;

interface Options extends StackOptions {
  readonly json?: true;
}

export const command = (): Command =>
  new Command("status")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--json", "print JSON (its shape: cli/status/report.ts); a list, if the program declares several apps")
    .addHelpText(
      "after",
      "\nExit code: 0 as declared, 1 not as declared, 2 unknown: a host is unreachable, or the state cannot be read.",
    )
    .action(status);

async function status({ json, ...options }: Options): Promise<void> {
  const [apps, { reportsOn }, { screenOf }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readApps }) => readApps(options)),
    import("./collect.ts"),
    import("./screen.ts"),
  ]);
  const reports = await reportsOn(apps);
  const [only, ...others] = reports;
  if (json) printJson(others.length === 0 ? only : reports);
  else print(reports.map((report) => screenOf(report, new Date())).join("\n"));
  process.exitCode = Math.max(...reports.map(({ verdict }) => EXIT_CODES[verdict]));
}
