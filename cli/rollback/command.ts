import { Command } from "commander";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { EXIT_CODES } from "../deploy/exit-code.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly to?: string;
  readonly yes?: true;
}

const HELP = `
The image, env, secrets and config that made an earlier release become the stack's config again; how you reach hosts and
registry stays as it is (slipway:ssh, slipway:registry). The plan is shown first. Unless it is released in the end, the
config is put back as it was.
${EXIT_CODES}`;

export const command = (): Command =>
  new Command("rollback")
    .addOption(stackOption())
    .option("--to <release>", "its number, id or version in slipway releases (default: what stood before the newest)")
    .option("--yes", "do not ask, as where there is nobody to answer")
    .addHelpText("after", HELP)
    .action(rollback);

async function rollback({ stack, to, yes }: Options): Promise<void> {
  if (!yes && !process.stdin.isTTY) throw nobodyToAsk();
  const { rollBack } = await import("./run.ts");
  process.exitCode = await rollBack({ stack, to, agreed: yes ?? false });
}

const nobodyToAsk = (): SlipwayError =>
  new SlipwayError({
    what: "a rollback asks before it releases, and here is no terminal to ask on",
    servesNow: NOTHING_TOUCHED,
    next: "run this again with --yes, or on a terminal",
  });
