import { randomBytes } from "node:crypto";
import { equal } from "../diff.ts";
import type { Context, Kind, Property } from "../kind.ts";
import type { Props } from "../values.ts";

/** What a command printed, without the newline at its end. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** One command that is to run. */
export interface Run {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  /** Hears what is printed, as it comes. */
  readonly hear: (from: "stdout" | "stderr", text: string) => void;
}

export type Runner = (run: Run, inputs: Props) => Promise<Printed>;

/** What local and remote commands have in common: when which of their three texts runs. */
export function commandKind(runner: Runner, properties: Readonly<Record<string, Property>>): Kind {
  const all = ["create", "update", "delete", "environment", "stdin", "logging", "addPreviousOutputInEnv"];
  const run = async (text: unknown, inputs: Props, before: Props | undefined, context: Context): Promise<Printed> => {
    if (typeof text !== "string") return { stdout: String(before?.stdout ?? ""), stderr: String(before?.stderr ?? "") };
    return runner({ command: text, ...partsOf(inputs, before), hear: logger(inputs, context) }, inputs);
  };
  return {
    properties: { ...Object.fromEntries(all.map((key) => [key, SAME])), triggers: TRIGGERS, ...properties },
    outputs: ["stdout", "stderr"],
    secretFrom: Object.fromEntries(["stdout", "stderr"].map((key) => [key, ["create", "update", "stdin", "environment"]])),
    create: async (inputs, context) => {
      const printed = await run(inputs.create, inputs, undefined, context);
      return { id: `command${randomBytes(4).toString("hex")}`, outputs: { ...printed } };
    },
    // Nothing can be looked at: what a command did is not its business.
    read: async (_, known) => known,
    update: async (_, inputs, before, context) => ({
      ...(await run(inputs.update ?? inputs.create, inputs, before, context)),
    }),
    delete: async (_, known, context) => {
      await run(known.delete, known, known, context);
    },
    replaces: ({ update }, changed) => (update === undefined ? changed.filter((key) => key === "triggers") : []),
  };
}

const SAME: Property = { same: equal };
/** Any value; that of another order is another. */
const TRIGGERS: Property = { same: (there, wanted) => JSON.stringify(there) === JSON.stringify(wanted) };

function partsOf(inputs: Props, before: Props | undefined): Pick<Run, "environment" | "stdin"> {
  const given = Object.entries((inputs.environment ?? {}) as Props).map(([key, value]) => [key, String(value)]);
  const told = inputs.addPreviousOutputInEnv !== false && before !== undefined ? previous(before) : {};
  return {
    environment: { ...Object.fromEntries(given), ...told },
    stdin: typeof inputs.stdin === "string" ? inputs.stdin : undefined,
  };
}

const previous = ({ stdout, stderr }: Props): Record<string, string> => ({
  ...(stdout ? { PULUMI_COMMAND_STDOUT: String(stdout) } : {}),
  ...(stderr ? { PULUMI_COMMAND_STDERR: String(stderr) } : {}),
});

function logger({ logging = "stdoutAndStderr" }: Props, context: Context): Run["hear"] {
  const heard: Readonly<Record<string, readonly string[]>> = {
    stdout: ["stdout"],
    stderr: ["stderr"],
    stdoutAndStderr: ["stdout", "stderr"],
    none: [],
  };
  return (from, text) => {
    if (!heard[String(logging)]?.includes(from)) return;
    for (const line of text.split("\n")) if (line !== "") context.log(line);
  };
}

/** Gathers what comes and tells it on; an exit code other than 0 is an error in the provider's words. */
export class Paper {
  readonly #run: Run;
  readonly #texts = { stdout: "", stderr: "" };
  #both = "";

  constructor(run: Run) {
    this.#run = run;
  }

  readonly writer =
    (from: "stdout" | "stderr") =>
    (chunk: Buffer): void => {
      const text = chunk.toString();
      this.#texts[from] += text;
      this.#both += text;
      this.#run.hear(from, text);
    };

  result(how: string | undefined): Printed {
    if (how !== undefined) throw new Error(`${how}: running ${JSON.stringify(this.#run.command)}:\n${this.#both}`);
    const { stdout, stderr } = this.#texts;
    return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
  }
}
