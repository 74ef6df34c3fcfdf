import { Command } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";

/** What the process ends with; 2 when the config is wrong, and nothing was looked at. */
const EXIT_CODES = { ready: 0, "ready with warnings": 0, "not ready": 1 } as const;

interface Options extends StackOptions {
  readonly json?: true;
}

export const command = (): Command =>
  new Command("doctor")
    .addOption(stackOption())
    .option("--json", "the same findings as JSON (its shape: cli/doctor/report.ts)")
    .addHelpText(
      "after",
      "\nReads only. Exit code: 0 nothing is in the way of a release, 1 something is, 2 the stack or its config is wrong.",
    )
    .action(doctor);

async function doctor({ json, stack }: Options): Promise<void> {
  const [target, { collectReport }, { screenOf }] = await Promise.all([
    import("./target.ts").then(({ readTarget }) => readTarget(stack)),
    import("./collect.ts"),
    import("./screen.ts"),
  ]);
  const report = await collectReport(target);
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : screenOf(report));
  process.exitCode = EXIT_CODES[report.verdict];
}
