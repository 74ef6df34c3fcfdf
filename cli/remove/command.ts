import { Command } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly yes?: true;
}

const HELP = `
Removes the app's containers, routes and images from its hosts, and the volumes with its assets. Accessories with their data, backups and jobs, the
proxy and the servers stay. It names both, and asks. The stack still declares the app: the next pulumi up releases it again.
pulumi destroy removes the whole stack.`;

export const command = (): Command =>
  new Command("remove")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--yes", "skip the confirmation; required without a terminal")
    .addHelpText("after", HELP)
    .action(remove);

async function remove(options: Options): Promise<void> {
  const run = await import("./run.ts");
  process.exitCode = await run.remove(options);
}
