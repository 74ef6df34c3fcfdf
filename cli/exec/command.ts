import { Command } from "commander";
import { names } from "../stack/choose.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";
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
    .argument("<command...>", "the command and its arguments, as they are: no shell reads them")
    .option("--role <name>", "whose image, environment, mounts and network (default: the first role with a proxy)")
    .option("--host <names>", "where; several with commas between (default: the role's first host)", names)
    .option("--all", "on all hosts of the role at once; lines say which")
    .option("--reuse", "in the live container itself instead of a new one beside it")
    .option("-i, --interactive", "with this terminal")
    .option("--raw", "pass stdin on, byte for byte, without a terminal")
    .addHelpText(
      "after",
      [
        "",
        "Options come before the command: slipway exec --role web -- sh -c 'ls /data | wc -l'",
        "Ends with the command's exit code; 125 says that Slipway could not run it.",
      ].join("\n"),
    )
    .passThroughOptions()
    .action(exec);

async function exec(argv: string[], { stack: name, ...options }: Options): Promise<void> {
  const several = options.all === true || (options.host?.length ?? 0) > 1;
  requireMode({ ...options, several });
  const [stack, { ExecRun }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readStack }) => readStack(name === undefined ? {} : { stack: name })),
    import("./run.ts"),
  ]);
  process.exitCode = await new ExecRun(stack, { ...options, argv, several }).run();
}
