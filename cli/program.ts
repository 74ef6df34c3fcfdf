import { Command, CommanderError } from "commander";
import { DESPITE_FREEZE } from "../core/despite-freeze.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { printFailure, printFailureAsJson } from "./terminal/failure.ts";

/** One command. Its file is loaded only if it is used, so that no command pays for another. */
interface Entry {
  readonly name: string;
  readonly description: string;
  /** Its file exports `command`, which creates it. */
  readonly load: () => Promise<{ command: () => Command }>;
  /** The exit code if the command fails. */
  readonly failed: number;
  /** The same for subcommands that differ. */
  readonly inside?: Readonly<Record<string, number>>;
  /** It is refused while its app is frozen, unless with --despite-freeze: the command, or these of its subcommands. */
  readonly frozen?: true | readonly string[];
  /** It starts no Pulumi, or prepares for that itself. */
  readonly unprepared?: true;
}

/** As in Docker and env: lower codes are those of the command that is run. */
const NOT_RUN = 125;

/** Hidden: see `cli/completion/script.ts`. */
const COMPLETE_WORDS = "complete-words";

/** Its arguments are passed on as they are. */
const PULUMI = "pulumi";

export const COMMANDS: readonly Entry[] = [
  {
    name: "deploy",
    description: "release what the config declares, if anything differs",
    load: () => import("./deploy/command.ts"),
    failed: 2,
    frozen: true,
  },
  {
    name: "doctor",
    description: "check everything that a release needs, on every host",
    load: () => import("./doctor/command.ts"),
    failed: 2,
  },
  { name: "releases", description: "list releases, newest first", load: () => import("./releases/command.ts"), failed: 2 },
  {
    name: "rollback",
    description: "release an earlier release again, with its config",
    load: () => import("./rollback/command.ts"),
    failed: 2,
    frozen: true,
  },
  {
    name: "promote",
    description: "release what another stack runs: the same image, without a build",
    load: () => import("./promote/command.ts"),
    failed: 2,
    frozen: true,
  },
  {
    name: "status",
    description: "show what is running and serving, and what differs from the config",
    load: () => import("./status/command.ts"),
    failed: 2,
  },
  {
    name: "logs",
    description: "show or follow the logs of all hosts, merged",
    load: () => import("./logs/command.ts"),
    failed: 1,
  },
  {
    name: "restart",
    description: "start new containers of the live release in place of those that run, without a gap",
    load: () => import("./restart/command.ts"),
    failed: 1,
    frozen: true,
  },
  {
    name: "stop",
    description: "stop containers of the app until slipway start or the next pulumi up",
    load: () => import("./stop/command.ts"),
    failed: 1,
    frozen: true,
  },
  {
    name: "start",
    description: "start what does not run of the last release",
    load: () => import("./start/command.ts"),
    failed: 1,
    frozen: true,
  },
  {
    name: "remove",
    description: "remove the app from its hosts; accessories and their data stay",
    load: () => import("./remove/command.ts"),
    failed: 1,
    frozen: true,
  },
  {
    name: "maintenance",
    description: "answer with 503 instead of the app, or end that, at once",
    load: () => import("./maintenance/command.ts"),
    failed: 1,
    frozen: true,
  },
  {
    name: "lock",
    description: "keep all other runs from changing the hosts until Ctrl-C, or freeze the apps for a time",
    load: () => import("./lock/command.ts"),
    failed: 1,
  },
  {
    name: "audit",
    description: "show who changed what, when, and how it ended",
    load: () => import("./audit/command.ts"),
    failed: 1,
  },
  {
    name: "config",
    description: "print the config as it is understood, with defaults and names, without secrets",
    load: () => import("./config/command.ts"),
    failed: 2,
  },
  {
    name: "docs",
    description: "say what a key of a stack's file means, or an error's code",
    load: () => import("./docs/command.ts"),
    failed: 2,
    unprepared: true,
  },
  { name: "unlock", description: "end a freeze", load: () => import("./unlock/command.ts"), failed: 1 },
  {
    name: "exec",
    description: "run a command in the image of the live release",
    load: () => import("./exec/command.ts"),
    failed: NOT_RUN,
  },
  {
    name: "server",
    description: "run commands on the hosts themselves",
    load: () => import("./server/command.ts"),
    failed: 1,
    inside: { exec: NOT_RUN },
  },
  {
    name: "proxy",
    description: "manage kamal-proxy on the hosts: restart, logs, details and more",
    load: () => import("./proxy/command.ts"),
    failed: 1,
    frozen: ["restart", "start", "stop"],
  },
  {
    name: "accessory",
    description: "manage a database or cache: logs, console, restart and more",
    load: () => import("./accessory/command.ts"),
    failed: 1,
    inside: { exec: NOT_RUN, console: NOT_RUN },
    frozen: ["restart", "stop", "start"],
  },
  {
    name: "backup",
    description: "make, list, restore and test backups of accessories",
    load: () => import("./backup/command.ts"),
    failed: 2,
    frozen: ["restore"],
  },
  {
    name: "tunnel",
    description: "reach an accessory from this machine until Ctrl-C",
    load: () => import("./tunnel/command.ts"),
    failed: 1,
  },
  {
    name: "init",
    description: "write a project for the app in this folder",
    load: () => import("./init/command.ts"),
    failed: 2,
    unprepared: true,
  },
  {
    name: "add",
    description: "add a database, a worker, a host or a domain to the stack's file",
    load: () => import("./add/command.ts"),
    failed: 2,
  },
  {
    name: "import",
    description: "write a project from the files of Kamal, and report what needs you",
    load: () => import("./import/command.ts"),
    failed: 2,
    unprepared: true,
  },
  {
    name: PULUMI,
    description: "run pulumi with all arguments that follow, on the backend of this project",
    load: () => import("./pulumi/command.ts"),
    failed: NOT_RUN,
    unprepared: true,
  },
  {
    name: "install",
    description: "fetch Pulumi if it is missing, and print which one is used",
    load: () => import("./install/command.ts"),
    failed: 1,
    unprepared: true,
  },
  {
    name: "completion",
    description: "print the script with which bash, zsh or fish completes slipway",
    load: () => import("./completion/command.ts"),
    failed: 1,
    unprepared: true,
  },
];

/** Invalid usage, for every command, as in Docker. */
const MISUSED = 2;

/** Runs one command line and sets the exit code of the process. */
export async function run(given: readonly string[]): Promise<void> {
  try {
    const argv = await written(inFolder(given));
    if (argv[0] === "--version" || argv[0] === "-V")
      await (await import("./version/run.ts")).showVersion(argv.includes("--json"));
    else await runCommand(argv);
  } catch (thrown) {
    printFailure(thrown);
    if (given.includes("--json")) printFailureAsJson(thrown);
    process.exitCode = MISUSED;
  }
}

/** Follows `-C DIR` in front of the command. @returns what follows it */
function inFolder(given: readonly string[]): readonly string[] {
  const [option = "", next, ...others] = given;
  const [, inside] = /^--cwd=(.*)$/s.exec(option) ?? [];
  if (inside === undefined && option !== "-C" && option !== "--cwd") return given;
  const folder = inside ?? next;
  try {
    process.chdir(folder ?? "");
  } catch (cause) {
    throw new SlipwayError(
      {
        code: "USAGE",
        what: folder === undefined ? `${option} needs a folder` : `${folder} is no folder that can be entered`,
        servesNow: NOTHING_TOUCHED,
        next: "name the folder of a project: slipway -C infra deploy",
      },
      { cause },
    );
  }
  return inFolder(inside === undefined ? others : given.slice(1));
}

/** What an alias of the stack stands for. Only a first word that is no command costs a look at the config. */
async function written(argv: readonly string[]): Promise<readonly string[]> {
  const [first] = argv;
  if (first === undefined || first.startsWith("-")) return argv;
  if (["help", COMPLETE_WORDS].includes(first) || COMMANDS.some(({ name }) => name === first)) return argv;
  const { withoutAlias } = await import("./alias/expand.ts");
  return withoutAlias(argv, names());
}

const names = (): string[] => COMMANDS.map(({ name }) => name);

async function runCommand(argv: readonly string[]): Promise<void> {
  const asked = wordsBefore(argv, "--");
  const [first, second = ""] = asked.filter((word) => !word.startsWith("-"));
  const entry = COMMANDS.find(({ name }) => name === first);
  const failed = entry?.inside?.[second] ?? entry?.failed ?? 1;
  try {
    // Not by commander, which would answer --help and drop the first --.
    if (argv[0] === COMPLETE_WORDS) await completeWords(argv.slice(2));
    else if (argv[0] === PULUMI) process.exitCode = await (await import("./pulumi/run.ts")).runPulumi(argv.slice(1));
    else await (await program(asked)).parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : MISUSED;
    else {
      printFailure(thrown);
      if (asked.includes("--json")) printFailureAsJson(thrown);
      process.exitCode = failed;
    }
  }
}

/** For the scripts of `slipway completion`. It says nothing of what goes wrong: someone is typing. */
async function completeWords(words: readonly string[]): Promise<void> {
  const [{ complete, linesOf }, { localNames }] = await Promise.all([
    import("./completion/complete.ts"),
    import("./completion/names.ts"),
  ]);
  const at = words.findIndex((word) => word === "-s" || word === "--stack");
  const names = await localNames(process.cwd(), at < 0 || at + 2 > words.length - 1 ? undefined : words[at + 1]);
  process.stdout.write(linesOf(await complete(await program(words.slice(0, -1)), words, names)));
}

/** The command line; of each command that is asked for with all of its options. */
export async function program(asked: readonly string[]): Promise<Command> {
  const slipway = new Command("slipway")
    .description("Zero-downtime container deploys to plain servers.")
    .option("-C, --cwd <dir>", "as if it were called in this folder; in front of the command")
    .option("-V, --version", "print the versions of Slipway, Node and Pulumi")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(see slipway --help)");
  for (const { name, description, load, unprepared, frozen = [] } of COMMANDS) {
    const command = asked.includes(name) ? (await load()).command() : new Command(name);
    for (const one of frozen === true ? [command] : command.commands.filter((inner) => frozen.includes(inner.name())))
      addDespiteFreeze(one);
    if (!unprepared) command.hook("preAction", prepare);
    slipway.addCommand(command.description(description).copyInheritedSettings(slipway));
    for (const inner of command.commands) inner.copyInheritedSettings(command);
  }
  return slipway;
}

/** What is passed on by the environment: the engine's processes read it, too. */
const addDespiteFreeze = (command: Command): Command =>
  command
    .option("--despite-freeze", "although the app is frozen (slipway lock --for), which the journal of each host records")
    .hook("preAction", (_, acting) => {
      if (acting.opts().despiteFreeze === true) process.env[DESPITE_FREEZE] = "1";
    });

/** Once a command line is understood, and before anything is started. */
const prepare = async (): Promise<void> => (await import("./engine/pulumi/prepare.ts")).prepareProject();

function wordsBefore(argv: readonly string[], end: string): readonly string[] {
  const at = argv.indexOf(end);
  return at < 0 ? argv : argv.slice(0, at);
}
