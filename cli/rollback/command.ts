import { Command } from "commander";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { projectAround } from "../../project/place.ts";
import { EXIT_CODES } from "../deploy/exit-code.ts";
import { Asked } from "../stack/asked.ts";
import { backendFolder } from "../stack/backend-folder.ts";
import { mayHaveBeenKilled } from "../stack/left-behind.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";

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
  if (!yes && !process.stdin.isTTY) throw noTerminal();
  using asked = new Asked(stack, process.cwd());
  await begin(asked, stack);
  const { rollBack } = await import("./run.ts");
  process.exitCode = await rollBack({ stack, app, to, agreed: yes ?? false }, asked);
}

/** Starts what takes a process, before the code that reads its answer is loaded. */
async function begin(asked: Asked, stack: string | undefined, folder = process.cwd()): Promise<void> {
  const root = projectAround(folder);
  // The files of a backend in a folder are read without Pulumi, where the stack is named.
  if (root === undefined || (stack !== undefined && (await backendFolder(root)) !== undefined)) return;
  void asked.exported();
  void asked.updates();
  // What a killed rollback has left in the stack's file is removed before that is read.
  if (!(await mayHaveBeenKilled(root))) void asked.shown();
}

const noTerminal = (): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: "a rollback needs a confirmation, and there is no terminal to ask for it",
    servesNow: NOTHING_TOUCHED,
    next: "run it with --yes, or on a terminal",
  });
