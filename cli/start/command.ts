import { Command } from "commander";
import { type ActionOptions, withActionOptions } from "../action/options.ts";

const HELP = `
Starts what does not run of the last release, in new containers, waits until they are healthy, and lets requests reach them. What runs
goes on. Maintenance stays as it is. pulumi up does the same for the whole stack.`;

export const command = (): Command => withActionOptions(new Command("start")).addHelpText("after", HELP).action(start);

async function start(options: ActionOptions): Promise<void> {
  const { bringUp } = await import("../restart/run.ts");
  process.exitCode = await bringUp("start", options);
}
