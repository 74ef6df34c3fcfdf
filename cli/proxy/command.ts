import { Command, Option } from "commander";
import type { ProxyAction } from "../../providers/proxy/actions.ts";
import { type LogFlags, showLogs, withLogOptions } from "../logs/options.ts";
import { names } from "../stack/choose.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly host?: string[];
}
interface ActOptions extends Options {
  readonly rolling?: true;
  readonly yes?: true;
}

const SHARED =
  "\nThe proxy of a host serves every app there, also those of other stacks: what stops serving is named and confirmed.";

export const command = (): Command =>
  new Command("proxy")
    .addCommand(
      actCommand("restart", "stop and start it as it is; its container and its routes stay")
        .addOption(new Option("--rolling", "one host after the other, instead of all at once"))
        .addOption(yesOption()),
    )
    .addCommand(
      actCommand("stop", "stop it: nothing serves on its host until it is started; the next pulumi up starts it").addOption(
        yesOption(),
      ),
    )
    .addCommand(actCommand("start", "start it, with its routes"))
    .addCommand(logsCommand())
    .addCommand(detailsCommand())
    .addHelpText("after", SHARED);

const on = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(stackOption())
    .option("--host <names>", "only these hosts, separated by commas, or a pattern: 'web-*'", names);

const yesOption = (): Option => new Option("--yes", "skip the confirmation; required without a terminal");

const actCommand = (act: ProxyAction, description: string): Command =>
  on(act, description).action((options: ActOptions) => doIt(act, options));

const logsCommand = (): Command => withLogOptions(on("logs", "show or follow its logs"), "of all hosts together").action(logs);

const detailsCommand = (): Command =>
  on("details", "show its version, ports, routes and certificates")
    .option("--json", "print JSON (its shape: cli/proxy/details.ts)")
    .action(details);

async function doIt(act: ProxyAction, options: ActOptions): Promise<void> {
  const { perform } = await import("./act.ts");
  process.exitCode = await perform(act, options);
}

async function logs({ host, ...options }: Options & LogFlags): Promise<void> {
  const [{ hosts, access }, { proxyLogs }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readProxies }) => readProxies(options)),
    import("./log-source.ts"),
    // Loaded while Pulumi works.
    import("../logs/run.ts"),
  ]);
  await showLogs(proxyLogs(hosts, host), access, options);
}

async function details({ host, json, ...options }: Options & { json?: true }): Promise<void> {
  const run = await import("./show.ts");
  process.exitCode = await run.show(options, host, json === true ? "json" : "text");
}
