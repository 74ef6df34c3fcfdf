import { Command, Option } from "commander";
import { omitUndefined } from "../../core/values.ts";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { programOf } from "./command-line.ts";
import { environmentOf } from "./environment.ts";
import { requireMode } from "./mode.ts";

interface Options extends StackOptions {
  readonly role?: string;
  readonly host?: string[];
  readonly all?: true;
  readonly reuse?: true;
  readonly interactive?: true;
  readonly raw?: true;
  readonly env?: readonly string[];
  readonly detach?: true;
}

export const command = (): Command =>
  new Command("exec")
    .addOption(stackOption())
    .addOption(appOption())
    .argument("<command...>", "the command and its arguments; a single one with spaces is a line for the shell")
    .option("--role <name>", "the role whose image, environment, mounts and network it gets (default: the first with a proxy)")
    .option("--host <names>", "the hosts, separated by commas, or a pattern (default: the role's first host)", names)
    .option("--all", "on all hosts of the role in parallel, as Kamal does; each line names its host")
    .option("--reuse", "in the live container instead of a new one")
    .option("-i, --interactive", "use this terminal")
    .option("--raw", "pass stdin through unchanged, without a terminal")
    .addOption(envOption())
    .option("--detach", "start it and return: it goes on without this process, in a container of its own")
    .addHelpText(
      "after",
      [
        "",
        "Put options before the command: slipway exec --role web -- bin/rails db:version",
        'One argument with spaces goes through the shell of the image: slipway exec "ls /data | wc -l"',
        "Exits with the command's exit code, or with 125 if Slipway could not run it.",
        "If slipway is killed or its line is cut, the host ends the command.",
      ].join("\n"),
    )
    .passThroughOptions()
    .action(exec);

/** Its value goes to Docker in a request: no process on the host has it in its arguments. */
const envOption = (): Option =>
  new Option("-e, --env <KEY=VALUE>", "a variable for it; KEY alone takes its value from this shell; may be repeated").argParser(
    (text: string, before: readonly string[] = []) => [...before, text],
  );

async function exec(words: string[], { stack: name, app, env = [], ...options }: Options): Promise<void> {
  const several = options.all === true || (options.host?.length ?? 0) > 1;
  requireMode({ ...options, several });
  const environment = environmentOf(env);
  const [stack, { ExecRun }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readStack }) => readStack(omitUndefined({ stack: name, app }))),
    import("./run.ts"),
  ]);
  process.exitCode = await new ExecRun(stack, { ...options, env: environment, argv: programOf(words), several }).run();
}
