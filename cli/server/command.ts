import { Command } from "commander";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly role?: string[];
  readonly host?: string[];
}

export const command = (): Command =>
  new Command("server")
    // An option after the command of `exec` belongs to that command.
    .enablePositionalOptions()
    .addCommand(execCommand());

const execCommand = (): Command =>
  new Command("exec")
    .description("run a command on the hosts themselves, on all of them in parallel")
    .addOption(stackOption())
    .addOption(appOption())
    .argument("<command...>", "the command and its arguments; a single one with spaces is a line for sh")
    .option("--role <names>", "only the hosts of these roles, separated by commas, or a pattern", names)
    .option("--host <names>", "only these hosts, separated by commas, or a pattern: 'web-*'", names)
    .addHelpText(
      "after",
      [
        "",
        "Runs as the SSH user, with an empty stdin, and takes no lease: a release may run meanwhile.",
        "With several hosts each line names its host. The command ends with slipway.",
        "Exits with the command's exit code, of several with the first that is not 0, or with 125 if Slipway could not run it.",
      ].join("\n"),
    )
    .passThroughOptions()
    .action(exec);

async function exec(words: string[], { role, host, ...options }: Options): Promise<void> {
  const [{ access, ...machines }, { chooseMachines }, { runOn }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readMachines }) => readMachines(options)),
    import("../stack/choose.ts"),
    import("./run.ts"),
  ]);
  process.exitCode = await runOn(chooseMachines(machines, { role, host }), access, words);
}
