import { Command } from "commander";
import { omitUndefined } from "../../core/values.ts";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { requireMode } from "./mode.ts";

interface Options extends StackOptions {
  readonly role?: string;
  readonly host?: string[];
  readonly all?: true;
  readonly reuse?: true;
  readonly interactive?: true;
  readonly raw?: true;
}

export const command = (): Command =>
  new Command("exec")
    .addOption(stackOption())
    .addOption(appOption())
    .argument("<command...>", "the command and its arguments; no shell is involved")
    .option("--role <name>", "the role whose image, environment, mounts and network it gets (default: the first with a proxy)")
    .option("--host <names>", "the hosts, separated by commas (default: the role's first)", names)
    .option("--all", "on all hosts of the role in parallel; each line names its host")
    .option("--reuse", "in the live container instead of a new one")
    .option("-i, --interactive", "use this terminal")
    .option("--raw", "pass stdin through unchanged, without a terminal")
    .addHelpText(
      "after",
      [
        "",
        "Put options before the command: slipway exec --role web -- sh -c 'ls /data | wc -l'",
        "Exits with the command's exit code, or with 125 if Slipway could not run it.",
        "If slipway is killed or its line is cut, the host ends the command.",
      ].join("\n"),
    )
    .passThroughOptions()
    .action(exec);

async function exec(argv: string[], { stack: name, app, ...options }: Options): Promise<void> {
  const several = options.all === true || (options.host?.length ?? 0) > 1;
  requireMode({ ...options, several });
  const [stack, { ExecRun }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readStack }) => readStack(omitUndefined({ stack: name, app }))),
    import("./run.ts"),
  ]);
  process.exitCode = await new ExecRun(stack, { ...options, argv, several }).run();
}
