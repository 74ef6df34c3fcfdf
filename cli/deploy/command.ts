import { Command } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";
import { notice } from "../terminal/failure.ts";
import { EXIT_CODES, exitCodeOf } from "./exit-code.ts";
import { lookFirst } from "./look-first.ts";

interface Options extends StackOptions {
  readonly preview?: true;
  readonly engine?: true;
  readonly verbose?: true;
}

export const command = (): Command =>
  new Command("deploy")
    .addOption(stackOption())
    .option("--preview", "show what a deploy would do, and do nothing")
    .option("--yes", "accepted as `pulumi up` has it; a deploy asks nothing")
    .option("--engine", "start the engine even if a look at the hosts finds nothing to do")
    .option("--verbose", "say why the engine was started")
    .addHelpText("after", EXIT_CODES)
    .action(deploy);

async function deploy({ stack, preview, engine, verbose }: Options): Promise<void> {
  if (!engine) {
    const look = await lookFirst(stack);
    if (look.found === "nothing to do") {
      console.info(`nothing to do: ${look.release} serves as declared, ${look.resources} unchanged`);
      return;
    }
    if (verbose) notice(`the engine is started: ${look.because}`);
  }
  const { runEngine } = await import("../engine/engine.ts");
  const what = preview ? "preview" : "up";
  process.exitCode = await exitCodeOf(what, await runEngine(what, { stack }), stack);
}
