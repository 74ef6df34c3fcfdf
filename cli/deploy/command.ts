import { Command } from "commander";
import { runEngine } from "../engine/engine.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";
import { notice } from "../terminal/failure.ts";
import { beforeEngine } from "./before-engine.ts";
import { EXIT_CODES, exitCodeOf } from "./exit-code.ts";
import { noteReleased } from "./fast-path/files.ts";
import { tryFastPath } from "./fast-path/try.ts";
import { type KamalOptions, refuseKamalOptions, withKamalOptions } from "./kamal-options.ts";

interface Options extends StackOptions, KamalOptions {
  readonly preview?: true;
  readonly engine?: true;
  readonly verbose?: true;
}

export const command = (): Command =>
  withKamalOptions(new Command("deploy"))
    .addOption(stackOption())
    .option("--preview", "show what a deploy would do, without doing it")
    .option("--yes", "no effect; for compatibility with pulumi up")
    .option("--engine", "start the engine even if the hosts are as declared")
    .option("--verbose", "say why the engine is started")
    .addHelpText("after", EXIT_CODES)
    .action(deploy);

async function deploy({ stack, preview, engine, verbose, ...kamal }: Options): Promise<void> {
  refuseKamalOptions(kamal);
  const { outcome, declared, note } = engine ? {} : await tryFastPath(stack);
  if (outcome?.kind === "nothing to do") {
    console.info(`nothing to do: ${outcome.release} serves as declared, ${outcome.resources} unchanged`);
    if (note !== undefined) notice(note);
    return;
  }
  if (verbose && outcome !== undefined) notice(`starting the engine: ${outcome.because}`);
  const what = preview ? "preview" : "up";
  await beforeEngine(what, stack);
  const ended = await runEngine(what, { stack, command: "slipway deploy" });
  process.exitCode = await exitCodeOf(what, ended, stack);
  if (what === "up" && ended.well) await noteReleased(stack, process.cwd(), ended.stack, declared);
}
