import type { Argument, Command, Option } from "commander";

/** What may be written in a place of the command line, beside the words of the commands. */
export interface Names {
  stacks(): Promise<readonly string[]>;
  hosts(): Promise<readonly string[]>;
  roles(): Promise<readonly string[]>;
  accessories(): Promise<readonly string[]>;
  /** Newest first. */
  releases(): Promise<readonly string[]>;
}

/** One word that may follow, and what it is. */
export interface Completion {
  readonly word: string;
  readonly is: string;
}

const KINDS: Readonly<Record<string, keyof Names>> = {
  "--stack": "stacks",
  "--host": "hosts",
  "--role": "roles",
  "--release": "releases",
  "--into": "accessories",
};

/**
 * What may take the place of the last word.
 *
 * @param words after `slipway`; the last one is the beginning of what is typed, and may be empty
 * @example complete(program, ["logs", "--ro"], names) // [{ word: "--role", is: "only these roles, separated by commas" }]
 */
export async function complete(program: Command, words: readonly string[], names: Names): Promise<Completion[]> {
  // Bash passes --stack=prod as three words.
  const typed = words.flatMap((word, at) => (word === "=" && at > 0 ? [] : [word]));
  const before = typed.slice(0, -1);
  const last = words.at(-1) === "=" ? "" : (typed.at(-1) ?? "");
  if (before.includes("--")) return [];
  const { command, operands, open } = walk(program, words.at(-1) === "=" ? typed : before);
  if (open !== undefined) return valuesOf(open, last, names);
  const [, flag, start] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? [];
  const option = command.options.find(({ long }) => long === flag);
  if (option !== undefined && start !== undefined)
    return (await valuesOf(option, start, names)).map(({ word, is }) => ({ word: `${flag}=${word}`, is }));
  if (last.startsWith("-")) return starting(last, optionsOf(command));
  const inner = operands === 0 ? commandsOf(command) : [];
  const argument = command.registeredArguments[operands];
  return starting(last, [...inner, ...(argument === undefined ? [] : await operandsOf(argument, names))]);
}

/** The command that the words lead to, how many operands they give it, and the option whose value comes next. */
function walk(program: Command, words: readonly string[]): { command: Command; operands: number; open: Option | undefined } {
  let command = program;
  let operands = 0;
  let open: Option | undefined;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word.startsWith("-"))
      open = command.options.find(({ long, short, required }) => required && [long, short].includes(word));
    else {
      const inner = operands === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (inner === undefined) operands += 1;
      else command = inner;
    }
  }
  return { command, operands, open };
}

/** Of a list, the value after the last comma. */
async function valuesOf({ long, flags, argChoices }: Option, start: string, names: Names): Promise<Completion[]> {
  const isList = /<names>/.test(flags);
  const done = isList ? start.slice(0, start.lastIndexOf(",") + 1) : "";
  const kind = flags.includes("<release>") ? "releases" : KINDS[long ?? ""];
  const values = argChoices ?? (kind === undefined ? [] : await names[kind]());
  return starting(
    start,
    values.map((value) => ({ word: `${done}${value}`, is: kind === undefined ? "" : ONE[kind] })),
  );
}

async function operandsOf(argument: Argument, names: Names): Promise<Completion[]> {
  const kind = argument.name() === "stack" ? "stacks" : /the accessory/.test(argument.description) ? "accessories" : undefined;
  const values = argument.argChoices ?? (kind === undefined ? [] : await names[kind]());
  return values.map((word) => ({ word, is: kind === undefined ? "" : ONE[kind] }));
}

const ONE: Readonly<Record<keyof Names, string>> = {
  stacks: "stack",
  hosts: "host",
  roles: "role",
  accessories: "accessory",
  releases: "release",
};

const commandsOf = (command: Command): Completion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ word: one.name(), is: one.description() }));

const optionsOf = (command: Command): Completion[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? "", is: description }));

/** A name that a shell would read as something else is left out. */
const starting = (start: string, all: readonly Completion[]): Completion[] =>
  all.filter(({ word }) => word.startsWith(start) && /^[\w.,:@=/-]+$/.test(word));

/** As the scripts read it: one line for each word, with what it is after a tab. */
export const linesOf = (completions: readonly Completion[]): string =>
  completions.map(({ word, is }) => `${word}\t${is.replace(/\s+/g, " ")}\n`).join("");
