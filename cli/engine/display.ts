import type { WriteStream } from "node:tty";
import { errorText } from "../../core/error.ts";
import { printableText } from "../../core/text.ts";
import { DYNAMIC } from "../stack/checkpoint.ts";
import { type EngineEvent, resourceOf } from "./event.ts";

/** Steps that change nothing. */
const READS = new Set(["same", "refresh", "read"]);
/** What the engine repeats at the end of a failed run. */
const ECHO = /^(?:update|preview) failed$|^resource .* update failed|has a problem:/;

/** Where the output goes. */
export interface Screen {
  readonly out: Pick<WriteStream, "write" | "isTTY" | "columns">;
  readonly err: Pick<WriteStream, "write">;
}

/**
 * Shows a run of the engine: the plan of each resource that changes, one status line that is replaced (without a terminal, each is a line
 * of its own), and each error once. Unchanged resources are not shown.
 */
export class Display {
  readonly #screen: Screen;
  readonly #errors = new Set<string>();
  readonly #said: Set<string>;
  readonly #changes: Record<string, number> = {};
  #speaker = "";
  #last = "";
  #status = "";
  /** The engine's own message about a failure. */
  #echo: string | undefined;

  /** @param said messages that were shown before: the run after a preview does not repeat its plan */
  constructor(screen: Screen, said: ReadonlySet<string> = new Set()) {
    this.#screen = screen;
    this.#said = new Set(said);
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

  /** Passes on a line that is not an event of the engine. */
  pass(line: string): void {
    if (line.trim() === "") return;
    this.#clear();
    this.#screen.err.write(`${printableText(line)}\n`);
  }

  /** The last line, unless the run has reported itself that it is done. */
  end(line: string): void {
    this.#clear();
    if (!this.#last.startsWith("released ")) this.#screen.out.write(`${line}\n`);
  }

  /** Shows an error, unless it has been shown before. */
  error(message: string): void {
    const text = printableText(message.replace(/^error: /, "")).trimEnd();
    if (text === "" || this.#errors.has(text)) return;
    this.#errors.add(text);
    this.#clear();
    this.#screen.err.write(`${errorText(text)}\n`);
  }

  /** Shows the engine's own message about a failure, if there was no other error. */
  endFailed(): void {
    this.#clear();
    if (!this.failed && this.#echo !== undefined) this.error(this.#echo);
  }

  /** Slipway's resources print their own plan, except for a removal; components do nothing. */
  #step({ op, urn, type }: { op: string; urn: string; type: string }): void {
    if (READS.has(op) || type.startsWith("slipway:") || type.startsWith("pulumi:")) return;
    if (!type.startsWith(DYNAMIC) || op.startsWith("delete")) this.#say("", `${op} ${resourceOf(urn)}`);
  }

  #diagnostic({ urn = "", message, severity, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const text = printableText(message).trimEnd();
    if (severity === "debug" || text === "") return;
    if (severity === "error" && ECHO.test(text)) this.#echo = text;
    else if (severity === "error") this.error(text);
    else if (ephemeral) this.#live(`  ${text}`);
    else if (severity === "info") this.#say(urn === "" ? "" : resourceOf(urn), text);
    else this.pass(severity === "warning" ? `warning: ${text}` : text);
  }

  #say(speaker: string, text: string): void {
    const saying = `${speaker}\n${text}`;
    if (this.#said.has(saying)) return;
    this.#said.add(saying);
    this.#clear();
    if (speaker !== this.#speaker && speaker !== "") this.#screen.out.write(`${speaker}\n`);
    this.#speaker = speaker;
    this.#last = text;
    const margin = speaker === "" ? "" : "  ";
    this.#screen.out.write(`${text.replaceAll(/^/gm, margin)}\n`);
  }

  #live(line: string): void {
    if (line === this.#status) return;
    if (!this.#screen.out.isTTY) {
      this.#screen.out.write(`${line}\n`);
    } else {
      this.#clear();
      this.#screen.out.write([...line].slice(0, (this.#screen.out.columns || 80) - 1).join(""));
    }
    this.#status = line;
  }

  #clear(): void {
    if (this.#status !== "" && this.#screen.out.isTTY) this.#screen.out.write("\r\u001b[2K");
    this.#status = "";
  }
}
