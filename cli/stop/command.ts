import { Command } from "commander";
import { type ActionOptions, withActionOptions } from "../action/options.ts";

const HELP = `
Requests are answered with 503 from then on, also by a proxy that is restarted; those in flight are finished first. Then the containers get
their stop signal and stop_timeout. Accessories and scheduled jobs go on.
slipway start starts it again, and so does the next pulumi up: slipway status shows what was stopped by this command.`;

export const command = (): Command =>
  withActionOptions(new Command("stop"))
    .option("--yes", "skip the confirmation; required without a terminal")
    .addHelpText("after", HELP)
    .action(stop);

async function stop(options: ActionOptions): Promise<void> {
  const run = await import("./run.ts");
  process.exitCode = await run.stop(options);
}
