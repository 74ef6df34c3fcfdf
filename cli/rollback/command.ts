import { Command } from "commander";
import { EXIT_CODES } from "../deploy/exit-code.ts";
import { begin } from "../reconfigure/begin.ts";
import { Asked } from "../stack/asked.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { requireConfirmation } from "../terminal/confirm.ts";

interface Options extends StackOptions {
  readonly to?: string;
  readonly yes?: true;
}

const HELP = `
Restores the image, env, secrets and config of an earlier release in the stack's config, shows the plan and releases it;
with --yes at once, and the plan is printed as the run makes it. Access to hosts and registry, accessories and schedules keep their current config. If the release fails or is declined,
the config is restored as it was.
${EXIT_CODES}`;

export const command = (): Command =>
  new Command("rollback")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--to <release>", "its number, id or version in slipway releases (default: the previous release)")
    .option("--yes", "skip the confirmation; required without a terminal")
    .addHelpText("after", HELP)
    .action(rollback);

async function rollback({ stack, app, to, yes }: Options): Promise<void> {
  requireConfirmation(yes ?? false, "a rollback");
  using asked = new Asked(stack, process.cwd());
  await begin(asked, stack, "history");
  const { rollBack } = await import("./run.ts");
  process.exitCode = await rollBack({ stack, app, to, agreed: yes ?? false }, asked);
}
