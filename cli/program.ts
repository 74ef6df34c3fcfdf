import { Command, CommanderError } from "commander";
import { printFailure } from "./terminal/failure.ts";

/** One command. Its file is loaded when it is asked for, so that each costs what it needs itself. */
interface Entry {
  readonly name: string;
  readonly is: string;
  /** Its file exports `command`, which makes it. */
  readonly load: () => Promise<{ command: () => Command }>;
  /** What the process ends with when the command could not do its work. */
  readonly failed: number;
  /** The same of those of its subcommands that end otherwise. */
  readonly inside?: Readonly<Record<string, number>>;
}

/** As Docker and env have it: below it are the exit codes of commands. */
const NOT_RUN = 125;

const COMMANDS: readonly Entry[] = [
  {
    name: "deploy",
    is: "release what the config says, or find that there is nothing to do",
    load: () => import("./deploy/command.ts"),
    failed: 2,
  },
  {
    name: "doctor",
    is: "look at all that a first release needs, on every host",
    load: () => import("./doctor/command.ts"),
    failed: 2,
  },
  { name: "releases", is: "list what was released, newest first", load: () => import("./releases/command.ts"), failed: 2 },
  {
    name: "rollback",
    is: "release an earlier release again, with its config",
    load: () => import("./rollback/command.ts"),
    failed: 2,
  },
  {
    name: "status",
    is: "show what runs and what serves, and what is not as declared",
    load: () => import("./status/command.ts"),
    failed: 2,
  },
  { name: "logs", is: "show or follow the log lines of all hosts in one", load: () => import("./logs/command.ts"), failed: 1 },
  { name: "lock", is: "keep every other run off the hosts until Ctrl-C", load: () => import("./lock/command.ts"), failed: 1 },
  { name: "exec", is: "run a command in the live release's image", load: () => import("./exec/command.ts"), failed: NOT_RUN },
  {
    name: "accessory",
    is: "logs, console and more of a database or cache beside the app",
    load: () => import("./accessory/command.ts"),
    failed: 1,
    inside: { exec: NOT_RUN, console: NOT_RUN },
  },
  {
    name: "backup",
    is: "make, list, restore and try out backups of accessories",
    load: () => import("./backup/command.ts"),
    failed: 2,
  },
  {
    name: "tunnel",
    is: "reach an accessory from this machine, until Ctrl-C",
    load: () => import("./tunnel/command.ts"),
    failed: 1,
  },
];

/** Docker's code for a command line that is wrong, too, is the same for all commands. */
const MISUSED = 2;

/** Runs one command line; the process ends with what it came to. */
export async function run(argv: readonly string[]): Promise<void> {
  const asked = wordsBefore(argv, "--");
  const [first, second = ""] = asked.filter((word) => !word.startsWith("-"));
  const entry = COMMANDS.find(({ name }) => name === first);
  const failed = entry?.inside?.[second] ?? entry?.failed ?? 1;
  try {
    await (await program(asked)).parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : MISUSED;
    else {
      printFailure(thrown);
      process.exitCode = failed;
    }
  }
}

async function program(asked: readonly string[]): Promise<Command> {
  const slipway = new Command("slipway")
    .description("Zero-downtime container deploys to plain servers: what is deployed, and how it is doing.")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(slipway --help shows what there is)");
  for (const { name, is, load } of COMMANDS) {
    const command = asked.includes(name) ? (await load()).command() : new Command(name);
    slipway.addCommand(command.description(is).copyInheritedSettings(slipway));
    for (const inner of command.commands) inner.copyInheritedSettings(command);
  }
  return slipway;
}

function wordsBefore(argv: readonly string[], end: string): readonly string[] {
  const at = argv.indexOf(end);
  return at < 0 ? argv : argv.slice(0, at);
}
