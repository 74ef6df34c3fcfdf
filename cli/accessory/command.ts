import { Command, Option } from "commander";
import { programOf } from "../exec/command-line.ts";
import { type ExecMode, requireMode } from "../exec/mode.ts";
import { type LogFlags, showLogs, withLogOptions } from "../logs/options.ts";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";
import type { Act } from "./start-stop.ts";

interface OnOne extends StackOptions {
  readonly host?: string;
}
interface OnSeveral extends StackOptions {
  readonly host?: string[];
}

export const command = (): Command =>
  new Command("accessory")
    // An option after the command of `exec` belongs to that command.
    .enablePositionalOptions()
    .addCommand(logsCommand())
    .addCommand(execCommand())
    .addCommand(consoleCommand())
    .addCommand(actCommand("restart", "stop and start it, wait until it is healthy, and show the downtime"))
    .addCommand(actCommand("stop", "stop it; the next pulumi up starts it again"))
    .addCommand(actCommand("start", "start it and wait until it is healthy"))
    .addCommand(detailsCommand())
    .addHelpText(
      "after",
      "\nlogs and details cover all hosts of an accessory; the other commands act on one, chosen with --host.",
    );

const named = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .argument("<name>", "the accessory, by its name in the config or that of its container")
    .addOption(stackOption())
    .addOption(appOption());

const onOne = (): Option => new Option("--host <name>", "the host, if the accessory runs on several");
const onSeveral = (): Option => new Option("--host <names>", "only these hosts").argParser(names);

const logsCommand = (): Command =>
  withLogOptions(named("logs", "show or follow its logs"), "all hosts together").addOption(onSeveral()).action(logs);

const execCommand = (): Command =>
  named("exec", "run a command in its container")
    .argument("<command...>", "the command and its arguments; a single one with spaces is a line for the shell")
    .addOption(onOne())
    .option("-i, --interactive", "use this terminal")
    .option("--raw", "pass stdin through unchanged, without a terminal")
    .addHelpText("after", "\nExits with the command's exit code, or with 125 if Slipway could not run it.")
    .passThroughOptions()
    .action(exec);

const consoleCommand = (): Command =>
  named("console", "open its client in its container: psql, mysql, redis-cli")
    .addOption(onOne())
    .addHelpText("after", "\nWithout a terminal it reads stdin: slipway accessory console db < query.sql")
    .action(openConsole);

const actCommand = (act: Act, description: string): Command =>
  named(act, description)
    .addOption(onOne())
    .action((name: string, options: OnOne) => doIt(act, name, options));

const detailsCommand = (): Command =>
  named("details", "show its image, state, data, port and environment")
    .addOption(onSeveral())
    .option("--json", "print JSON (its shape: cli/accessory/details.ts)")
    .action(details);

async function logs(name: string, { host, ...options }: OnSeveral & LogFlags): Promise<void> {
  const [{ places, access }, { accessoryLogs }] = await Promise.all([
    placesOf(name, host, options),
    import("./log-source.ts"),
    // Loaded while Pulumi works.
    import("../logs/run.ts"),
  ]);
  await showLogs(accessoryLogs(places), access, options);
}

type ExecOptions = OnOne & Omit<ExecMode, "several">;

async function exec(name: string, rest: readonly string[], _options: ExecOptions, self: Command): Promise<void> {
  // Options between the name and its command are Slipway's, too: `exec db -i psql`.
  const { operands: argv, unknown } = self.parseOptions([...rest]);
  if (argv.length === 0)
    self.error(
      unknown[0]?.startsWith("-")
        ? `error: unknown option '${unknown[0]}'`
        : `error: a command is missing: slipway accessory exec ${name} -- <command>`,
    );
  const options: ExecOptions = self.opts();
  requireMode({ ...options, several: false });
  const [{ place, access }, { execIn }] = await Promise.all([placeOf(name, options), import("./exec.ts")]);
  process.exitCode = await execIn(place, access, programOf(argv), options);
}

async function openConsole(name: string, options: OnOne): Promise<void> {
  const [{ place, access }, { execIn, consoleOf, consoleMode }] = await Promise.all([
    placeOf(name, options),
    import("./exec.ts"),
  ]);
  process.exitCode = await execIn(place, access, consoleOf(place), consoleMode());
}

async function doIt(act: Act, name: string, options: OnOne): Promise<void> {
  const [{ place, access }, { perform }] = await Promise.all([placeOf(name, options), import("./start-stop.ts")]);
  process.exitCode = await perform(act, place, access);
}

async function details(name: string, { host, json, ...options }: OnSeveral & { json?: true }): Promise<void> {
  const [{ places, access }, { detailsOf, detailsText }] = await Promise.all([
    placesOf(name, host, options),
    import("./details.ts"),
  ]);
  const found = await detailsOf(places, access);
  if (json) printJson(found);
  else print(`${found.map((one) => detailsText(one, new Date())).join("\n\n")}\n`);
  if (found.some(({ unreachable }) => unreachable !== null)) process.exitCode = 1;
}

async function placesOf(name: string, hosts: readonly string[] | undefined, options: StackOptions) {
  const { accessories, access, choosePlaces } = await read(options);
  return { places: choosePlaces(accessories, name, hosts), access };
}

async function placeOf(name: string, { host, ...options }: OnOne) {
  const { accessories, access, choosePlace } = await read(options);
  return { place: choosePlace(accessories, name, host), access };
}

async function read(options: StackOptions) {
  const [state, choose] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readAccessories }) => readAccessories(options)),
    import("./choose.ts"),
  ]);
  return { ...state, ...choose };
}
