import { Command } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

/** The exit code; 2 if the config is invalid and nothing was checked. */
const EXIT_CODES = { ready: 0, "ready with warnings": 0, "not ready": 1 } as const;

interface Options extends StackOptions {
  readonly json?: true;
}

export const command = (): Command =>
  new Command("doctor")
    .addOption(stackOption())
    .option("--json", "print JSON (its shape: cli/doctor/report.ts)")
    .addHelpText("after", "\nChanges nothing. Exit code: 0 ready for a release, 1 not ready, 2 the stack or its config is wrong.")
    .action(doctor);

async function doctor({ json, stack }: Options): Promise<void> {
  const [target, { collectReport }, { screenOf }] = await Promise.all([
    import("./target.ts").then(({ readTarget }) => readTarget(stack)),
    import("./collect.ts"),
    import("./screen.ts"),
  ]);
  const report = await collectReport(target);
  if (json) printJson(report);
  else print(screenOf(report));
  process.exitCode = EXIT_CODES[report.verdict];
}
