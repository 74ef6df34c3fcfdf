import { Command } from "commander";
import { EXIT_CODES } from "../deploy/exit-code.ts";
import { begin } from "../reconfigure/begin.ts";
import { Asked } from "../stack/asked.ts";
import { stackOption } from "../stack/option.ts";
import { requireConfirmation } from "../terminal/confirm.ts";

interface Options {
  readonly stack?: string;
  readonly recorded?: true;
  readonly yes?: true;
}

const HELP = `
Takes the image by digest and the version that STACK runs, writes them into the file of the stack that gets them (--stack, or the selected
one), shows the plan and releases it, without a build. Env, secrets, hosts and all other config are those of that stack. If the release fails or is
declined, its file is as it was.

  slipway promote staging --stack production
${EXIT_CODES}`;

export const command = (): Command =>
  new Command("promote")
    .argument("<stack>", "the stack whose release is taken, such as staging")
    .addOption(stackOption())
    .option("--recorded", "take what the state of STACK records as its last release, without asking its hosts")
    .option("--yes", "skip the confirmation; required without a terminal")
    .addHelpText("after", HELP)
    .action(promote);

async function promote(from: string, { stack, recorded, yes }: Options): Promise<void> {
  requireConfirmation(yes ?? false, "a promotion");
  using asked = new Asked(stack, process.cwd());
  await begin(asked, stack, "state");
  const run = await import("./run.ts");
  process.exitCode = await run.promote({ from, stack, recorded: recorded ?? false, agreed: yes ?? false }, asked);
}
