import { Command } from "commander";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { EXIT_CODES } from "../deploy/exit-code.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly to?: string;
  readonly yes?: true;
}

const HELP = `
Restores the image, env, secrets and config of an earlier release in the stack's config, shows the plan and releases it.
Access to hosts and registry, accessories and schedules keep their current config. If the release fails or is declined,
the config is restored as it was.
${EXIT_CODES}`;

export const command = (): Command =>
  new Command("rollback")
    .addOption(stackOption())
    .option("--to <release>", "its number, id or version in slipway releases (default: the previous release)")
    .option("--yes", "skip the confirmation; required without a terminal")
    .addHelpText("after", HELP)
    .action(rollback);

async function rollback({ stack, to, yes }: Options): Promise<void> {
  if (!yes && !process.stdin.isTTY) throw noTerminal();
  const { rollBack } = await import("./run.ts");
  process.exitCode = await rollBack({ stack, to, agreed: yes ?? false });
}

const noTerminal = (): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: "a rollback needs a confirmation, and there is no terminal to ask for it",
    servesNow: NOTHING_TOUCHED,
    next: "run it with --yes, or on a terminal",
  });
