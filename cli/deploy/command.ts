import { Command } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";
import { notice } from "../terminal/failure.ts";
import { EXIT_CODES, exitCodeOf } from "./exit-code.ts";
import { tryFastPath } from "./fast-path/try.ts";

interface Options extends StackOptions {
  readonly preview?: true;
  readonly engine?: true;
  readonly verbose?: true;
}

export const command = (): Command =>
  new Command("deploy")
    .addOption(stackOption())
    .option("--preview", "show what a deploy would do, without doing it")
    .option("--yes", "no effect; for compatibility with pulumi up")
    .option("--engine", "start the engine even if the hosts are as declared")
    .option("--verbose", "say why the engine is started")
    .addHelpText("after", EXIT_CODES)
    .action(deploy);

async function deploy({ stack, preview, engine, verbose }: Options): Promise<void> {
  if (!engine) {
    const outcome = await tryFastPath(stack);
    if (outcome.kind === "nothing to do") {
      console.info(`nothing to do: ${outcome.release} serves as declared, ${outcome.resources} unchanged`);
      return;
    }
    if (verbose) notice(`starting the engine: ${outcome.because}`);
  }
  const what = preview ? "preview" : "up";
  const [{ beforeEngine }, { runEngine }] = await Promise.all([import("./before-engine.ts"), import("../engine/engine.ts")]);
  await beforeEngine(what, stack);
  process.exitCode = await exitCodeOf(what, await runEngine(what, { stack }), stack);
}
