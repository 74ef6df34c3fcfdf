import { Command, CommanderError } from "commander";
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
  },
  {
    name: "promote",
    description: "release what another stack runs: the same image, without a build",
    load: () => import("./promote/command.ts"),
    failed: 2,
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
    name: "lock",
    description: "keep all other runs from changing the hosts until Ctrl-C",
    load: () => import("./lock/command.ts"),
    failed: 1,
  },
  {
    name: "exec",
    description: "run a command in the image of the live release",
    load: () => import("./exec/command.ts"),
    failed: NOT_RUN,
  },
  {
    name: "accessory",
    description: "manage a database or cache: logs, console, restart and more",
    load: () => import("./accessory/command.ts"),
    failed: 1,
    inside: { exec: NOT_RUN, console: NOT_RUN },
  },
  {
    name: "backup",
    description: "make, list, restore and test backups of accessories",
    load: () => import("./backup/command.ts"),
    failed: 2,
  },
  {
    name: "tunnel",
    description: "reach an accessory from this machine until Ctrl-C",
    load: () => import("./tunnel/command.ts"),
    failed: 1,
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
export async function run(argv: readonly string[]): Promise<void> {
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
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(see slipway --help)");
  for (const { name, description, load, unprepared } of COMMANDS) {
    const command = asked.includes(name) ? (await load()).command() : new Command(name);
    if (!unprepared) command.hook("preAction", prepare);
    slipway.addCommand(command.description(description).copyInheritedSettings(slipway));
    for (const inner of command.commands) inner.copyInheritedSettings(command);
  }
  return slipway;
}

/** Once a command line is understood, and before anything is started. */
const prepare = async (): Promise<void> => (await import("./engine/pulumi/prepare.ts")).prepareProject();

function wordsBefore(argv: readonly string[], end: string): readonly string[] {
  const at = argv.indexOf(end);
  return at < 0 ? argv : argv.slice(0, at);
}
