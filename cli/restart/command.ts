import { Command } from "commander";
import { type ActionOptions, withActionOptions } from "../action/options.ts";

const HELP = `
A container of the same release is started beside each that runs, gets its requests once it is healthy, and the old one drains and
stops: no request fails. Hosts go together or in the groups of slipway:boot. A role with strategy stop-first, or with host ports, stops first:
its gap is named and confirmed. If one is not healthy, all go back.`;

export const command = (): Command =>
  withActionOptions(new Command("restart"))
    .option("--yes", "skip the confirmation of a gap; required without a terminal")
    .addHelpText("after", HELP)
    .action(restart);

async function restart(options: ActionOptions): Promise<void> {
  const { bringUp } = await import("./run.ts");
  process.exitCode = await bringUp("restart", options);
}
