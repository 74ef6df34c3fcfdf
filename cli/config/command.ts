import { Command } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

interface Options extends Pick<StackOptions, "stack"> {
  readonly json?: true;
}

export const command = (): Command =>
  new Command("config")
    .addOption(stackOption())
    .option("--json", "print JSON, the same values (its shape: cli/config/report.ts)")
    .addHelpText(
      "after",
      [
        "",
        "Prints the stack's config as Slipway understands it: with defaults, names of containers, and what each role and accessory gets. Secrets",
        "are left out. Sources of secrets are asked, and no host; all that is wrong is reported at once.",
      ].join("\n"),
    )
    .action(config);

async function config({ stack, json }: Options): Promise<void> {
  const [{ reportConfig }, { readUnderstood }] = await Promise.all([import("./report.ts"), import("./read.ts")]);
  const report = reportConfig(await readUnderstood(stack));
  if (json) printJson(report);
  else print((await import("yaml")).stringify(report, { lineWidth: 0 }));
}
