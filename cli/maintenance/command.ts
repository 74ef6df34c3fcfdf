import { Command } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly message?: string;
}

const HELP = `
Changes the proxies of all hosts at once, without a run of Pulumi, and the key slipway:maintenance of the stack's file with it, so that the next
pulumi up keeps it. Nothing else is released. Containers run on; requests in flight are finished.`;

export const command = (): Command =>
  new Command("maintenance").addCommand(onCommand()).addCommand(offCommand()).addHelpText("after", HELP);

const onCommand = (): Command =>
  new Command("on")
    .description("answer every request with 503 instead of the app")
    .addOption(stackOption())
    .addOption(appOption())
    .option("-m, --message <text>", "shown on the page; custom error pages have it as {{ .Message }}")
    .action((options: Options) => turn("on", options));

const offCommand = (): Command =>
  new Command("off")
    .description("let requests reach the app again")
    .addOption(stackOption())
    .addOption(appOption())
    .action((options: Options) => turn("off", options));

async function turn(to: "on" | "off", options: Options): Promise<void> {
  const run = await import("./run.ts");
  process.exitCode = await run.turn(to, options);
}
