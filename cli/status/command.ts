import { Command } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";
import { print } from "../terminal/print.ts";

/** What the process ends with: all is as declared, something is not, or a host could not be asked. */
const EXIT_CODES = { "as declared": 0, "not as declared": 1, unknown: 2 } as const;

interface Options extends StackOptions {
  readonly json?: true;
}

export const command = (): Command =>
  new Command("status")
    .addOption(stackOption())
    .option("--json", "print JSON (its shape: cli/status/report.ts)")
    .addHelpText(
      "after",
      "\nExit code: 0 as declared, 1 not as declared, 2 unknown: a host is unreachable, or the state cannot be read.",
    )
    .action(status);

async function status({ json, ...options }: Options): Promise<void> {
  const [stack, { reportOn }, { screenOf }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readStack }) => readStack(options)),
    import("./collect.ts"),
    import("./screen.ts"),
  ]);
  const report = await reportOn(stack);
  print(json ? `${JSON.stringify(report, undefined, 2)}\n` : screenOf(report, new Date()));
  process.exitCode = EXIT_CODES[report.verdict];
}
