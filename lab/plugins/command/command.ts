import { randomBytes } from "node:crypto";
import { equal } from "../diff.ts";
import type { Context, Kind, Property } from "../kind.ts";
import type { Props } from "../values.ts";

/** What a command printed, without the newline at its end. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command to run. */
export interface Run {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  /** Called with the output as it is printed. */
  readonly onOutput: (from: "stdout" | "stderr", text: string) => void;
}

export type Runner = (run: Run, inputs: Props) => Promise<Printed>;

/** Common part of local and remote commands: which of the three commands runs when. */
export function commandKind(runner: Runner, properties: Readonly<Record<string, Property>>): Kind {
  const all = ["create", "update", "delete", "environment", "stdin", "logging", "addPreviousOutputInEnv"];
  const run = async (text: unknown, inputs: Props, before: Props | undefined, context: Context): Promise<Printed> => {
    if (typeof text !== "string") return { stdout: String(before?.stdout ?? ""), stderr: String(before?.stderr ?? "") };
    return runner({ command: text, ...partsOf(inputs, before), onOutput: logger(inputs, context) }, inputs);
  };
  return {
    properties: { ...Object.fromEntries(all.map((key) => [key, SAME])), triggers: TRIGGERS, ...properties },
    outputs: ["stdout", "stderr"],
    secretFrom: Object.fromEntries(["stdout", "stderr"].map((key) => [key, ["create", "update", "stdin", "environment"]])),
    create: async (inputs, context) => {
      const printed = await run(inputs.create, inputs, undefined, context);
      return { id: `command${randomBytes(4).toString("hex")}`, outputs: { ...printed } };
    },
    // The effect of a command cannot be read.
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
/** Any value; a different order is a change. */
const TRIGGERS: Property = { same: (there, wanted) => JSON.stringify(there) === JSON.stringify(wanted) };

function partsOf(inputs: Props, before: Props | undefined): Pick<Run, "environment" | "stdin"> {
  const given = Object.entries((inputs.environment ?? {}) as Props).map(([key, value]) => [key, String(value)]);
  const previousOutput = inputs.addPreviousOutputInEnv !== false && before !== undefined ? previous(before) : {};
  return {
    environment: { ...Object.fromEntries(given), ...previousOutput },
    stdin: typeof inputs.stdin === "string" ? inputs.stdin : undefined,
  };
}

const previous = ({ stdout, stderr }: Props): Record<string, string> => ({
  ...(stdout ? { PULUMI_COMMAND_STDOUT: String(stdout) } : {}),
  ...(stderr ? { PULUMI_COMMAND_STDERR: String(stderr) } : {}),
});

function logger({ logging = "stdoutAndStderr" }: Props, context: Context): Run["onOutput"] {
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

/** Collects and forwards the output; a non-zero exit code is an error with the provider's message. */
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
      this.#run.onOutput(from, text);
    };

  result(how: string | undefined): Printed {
    if (how !== undefined) throw new Error(`${how}: running ${JSON.stringify(this.#run.command)}:\n${this.#both}`);
    const { stdout, stderr } = this.#texts;
    return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
  }
}
