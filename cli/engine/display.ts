import type { WriteStream } from "node:tty";
import { errorText } from "../../core/error.ts";
import { printableText } from "../../core/text.ts";
import type { Milliseconds } from "../../core/words.ts";
import { NO_STATUS } from "../../providers/pulumi/report.ts";
import { DYNAMIC } from "../stack/checkpoint.ts";
import { type EngineEvent, typeAndName } from "./event.ts";
import { printedTogether, type Saying } from "./sayings.ts";

/** Steps that change nothing. */
const READS = new Set(["same", "refresh", "read"]);
/** What the engine repeats at the end of a failed run. */
const ECHO = /^(?:update|preview) failed$|^resource .* update failed|has a problem:/;

/** What comes within this time is printed together, in order, and what is the same on several hosts once. */
const TOGETHER: Milliseconds = 300;
/** The same status of another resource is not repeated before. */
const REPEATED: Milliseconds = 10_000;

/** Where the output goes. */
export interface Screen {
  readonly out: Pick<WriteStream, "write" | "isTTY" | "columns">;
  readonly err: Pick<WriteStream, "write">;
}

export interface DisplayOptions {
  readonly said?: ReadonlySet<string>;
  readonly together?: Milliseconds;
  /** The command that errors name as the one to run again, instead of Pulumi's. */
  readonly command?: string | undefined;
}

/**
 * Shows a run of the engine: the plan of each resource that changes, one status line that is replaced (without a terminal, each is a line
 * of its own), and each error once. Unchanged resources are not shown.
 */
export class Display {
  readonly #screen: Screen;
  readonly #together: Milliseconds;
  readonly #command: string;
  readonly #errors = new Set<string>();
  readonly #said: Set<string>;
  readonly #changes: Record<string, number> = {};
  readonly #statuses = new Map<string, Milliseconds>();
  readonly #plans: string[] = [];
  #sayings: Saying[] = [];
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #heading = "";
  #last = "";
  #status = "";
  /** The engine's own message about a failure. */
  #echo: string | undefined;

  /**
   * @param said messages that were shown before: the run after a preview does not repeat its plan
   * @param together how long what is said waits for more; a preview has nothing to show before its end
   */
  constructor(screen: Screen, { said = new Set(), together = TOGETHER, command = "pulumi up" }: DisplayOptions = {}) {
    this.#screen = screen;
    this.#said = new Set(said);
    this.#together = together;
    this.#command = command;
  }

  /** Messages that were shown. */
  get said(): ReadonlySet<string> {
    return this.#said;
  }

  /** Whether an error has been shown. */
  get failed(): boolean {
    return this.#errors.size > 0;
  }

  /** How many resources the run changed, or a preview would. */
  get changes(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#changes).filter(([op]) => !READS.has(op)));
  }

  get unchanged(): number {
    return this.#changes.same ?? 0;
  }

  hear({ diagnosticEvent: said, resourcePreEvent: begun, summaryEvent: summary }: EngineEvent): void {
    if (begun !== undefined) this.#step(begun.metadata);
    if (said !== undefined) this.#diagnostic(said);
    Object.assign(this.#changes, summary?.resourceChanges);
  }

  /** Shows the plans of resources, as a run does. */
  plans(plans: readonly { readonly urn: string; readonly text: string }[]): void {
    for (const { urn, text } of plans) this.#say({ kind: "plan", ...typeAndName(urn), text: printableText(text).trim() });
    this.#flush();
  }

  /** Passes on a line that is not an event of the engine. */
  pass(line: string): void {
    if (line.trim() === "") return;
    this.#flush();
    this.#clear();
    this.#screen.err.write(`${printableText(line)}\n`);
  }

  /** The last line, unless the run has reported itself that it is done. */
  end(line: string): void {
    this.#flush();
    this.#clear();
    if (!isEnd(this.#last)) this.#screen.out.write(`${line}\n`);
  }

  /** Shows an error, unless it has been shown before. */
  error(message: string): void {
    const own = typedHere(message.replace(/^error: /, ""), this.#command);
    const text = printableText(own).trimEnd();
    if (text === "" || this.#errors.has(text)) return;
    this.#errors.add(text);
    this.#flush();
    this.#clear();
    this.#screen.err.write(`${errorText(text)}\n`);
  }

  /** Shows the engine's own message about a failure, if there was no other error. */
  endFailed(): void {
    this.#flush();
    this.#clear();
    if (!this.failed && this.#echo !== undefined) this.error(this.#echo);
  }

  /** Slipway's resources print their own plan, except for a removal; components do nothing. */
  #step({ op, urn, type }: { op: string; urn: string; type: string }): void {
    if (READS.has(op) || type.startsWith("slipway:") || type.startsWith("pulumi:")) return;
    if (!type.startsWith(DYNAMIC) || op.startsWith("delete")) this.#say({ kind: "step", op, ...typeAndName(urn) });
  }

  #diagnostic({ urn = "", message, severity, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const text = printableText(message).trim();
    if (severity === "debug" || text === "") return;
    if (severity === "error" && ECHO.test(text)) this.#echo = text;
    else if (severity === "error") this.error(text);
    else if (ephemeral) this.#live(text === NO_STATUS ? "" : `  ${text}`);
    else if (severity === "info") this.#say({ kind: "plan", ...typeAndName(urn), text });
    else this.pass(severity === "warning" ? `warning: ${text}` : text);
  }

  #say(saying: Saying): void {
    const key = JSON.stringify(saying);
    if (this.#said.has(key)) return;
    this.#said.add(key);
    // What waits came before it, and the end of a release is the last line.
    if (saying.kind === "plan" && isEnd(saying.text)) this.#flush();
    this.#sayings.push(saying);
    if (saying.kind === "plan") this.#plans.push(saying.text);
    if (this.#together < Number.POSITIVE_INFINITY) this.#timer ??= setTimeout(() => this.#flush(), this.#together);
  }

  /** Prints what has been said. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const printed = printedTogether(this.#sayings.splice(0));
    const statuses = this.#waiting.splice(0);
    if (printed.length > 0) this.#clear();
    for (const { heading, text } of printed) {
      if (heading !== this.#heading && heading !== "") this.#screen.out.write(`${heading}\n`);
      this.#heading = heading;
      this.#last = text;
      this.#screen.out.write(`${text.replaceAll(/^/gm, heading === "" ? "" : "  ")}\n`);
    }
    for (const line of statuses) this.#screen.out.write(`${line}\n`);
  }

  #live(line: string): void {
    if (line === this.#status) return;
    if (!this.#screen.out.isTTY) {
      this.#log(line);
      return;
    }
    this.#clear();
    this.#screen.out.write([...line].slice(0, (this.#screen.out.columns || 80) - 1).join(""));
    this.#status = line;
  }

  /** A status as a line, below what was said before it. A step that is in a plan with the same words is not repeated. */
  #log(line: string): void {
    const before = this.#statuses.get(line) ?? Number.NEGATIVE_INFINITY;
    if (line.trim() === "") return;
    const isPlanned = this.#plans.some((text) => text.includes(line.trim()));
    if (isPlanned || performance.now() < before + REPEATED) return;
    this.#statuses.set(line, performance.now());
    if (this.#sayings.length > 0) this.#waiting.push(line);
    else this.#screen.out.write(`${line}\n`);
  }

  #clear(): void {
    if (this.#status !== "") this.#screen.out.write("\r\u001b[2K");
    this.#status = "";
  }
}

/** Whether a release reports with this that it is done. */
const isEnd = (text: string): boolean => text.startsWith("released ");

/** What an error says to type, for who typed this command: there Pulumi need not be on PATH. */
function typedHere(message: string, command: string): string {
  const own = message.replaceAll("run pulumi up again", `run ${command} again`);
  if (!command.startsWith("slipway ")) return own;
  return own.replace(/^ {2}next: .*$/m, (next) =>
    next.replaceAll(/(?<=next: |&& )pulumi (config set|up)(?= )/g, (_, what: string) =>
      what === "up" ? `npx ${command}` : `npx slipway pulumi ${what}`,
    ),
  );
}
