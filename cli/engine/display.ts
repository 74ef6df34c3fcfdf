import type { WriteStream } from "node:tty";
import { DYNAMIC } from "../stack/checkpoint.ts";
import { type EngineEvent, resourceOf } from "./event.ts";

/** Steps that change nothing anywhere. */
const LOOKS = new Set(["same", "refresh", "read"]);
/** What the engine says once more at the end of a run that failed; what failed has been told by then. */
const ECHO = /^(?:update|preview) failed$|^resource .* update failed|has a problem:/;

/** Where a run is shown. */
export interface Screen {
  readonly out: Pick<WriteStream, "write" | "isTTY" | "columns">;
  readonly err: Pick<WriteStream, "write">;
}

/**
 * What a person sees of the engine: the plan of each resource that changes, one status line that is replaced (a line of its own where
 * nobody watches), each error once. What stays as it is, is not shown.
 */
export class Display {
  readonly #screen: Screen;
  readonly #told = new Set<string>();
  readonly #said: Set<string>;
  readonly #changes: Record<string, number> = {};
  #speaker = "";
  #last = "";
  #status = "";
  /** What the engine said after the error that it is about. */
  #echo: string | undefined;

  /** @param said what the person has read already: the plan of a preview is not shown again by the run that follows */
  constructor(screen: Screen, said: ReadonlySet<string> = new Set()) {
    this.#screen = screen;
    this.#said = new Set(said);
  }

  /** All that was said of resources. */
  get said(): ReadonlySet<string> {
    return this.#said;
  }

  /** Whether an error has been told. */
  get failed(): boolean {
    return this.#told.size > 0;
  }

  /** How many resources the run changed, or a preview would. */
  get changes(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#changes).filter(([op]) => !LOOKS.has(op)));
  }

  get unchanged(): number {
    return this.#changes.same ?? 0;
  }

  hear({ diagnosticEvent: said, resourcePreEvent: begun, summaryEvent: summary }: EngineEvent): void {
    if (begun !== undefined) this.#step(begun.metadata);
    if (said !== undefined) this.#diagnostic(said);
    Object.assign(this.#changes, summary?.resourceChanges);
  }

  /** A line that is none of the engine's events. */
  pass(line: string): void {
    if (line.trim() === "") return;
    this.#clear();
    this.#screen.err.write(`${line}\n`);
  }

  /** The last line of a run that has not said by itself that it is done. */
  end(line: string): void {
    this.#clear();
    if (!this.#last.startsWith("released ")) this.#screen.out.write(`${line}\n`);
  }

  /** An error that nobody has told yet. */
  error(message: string): void {
    const text = message.replace(/^error: /, "").trimEnd();
    if (text === "" || this.#told.has(text)) return;
    this.#told.add(text);
    this.#clear();
    this.#screen.err.write(`error: ${text}\n`);
  }

  /** Tells what only the engine itself has to say of a failure, if nothing else did. */
  endFailed(): void {
    this.#clear();
    if (!this.failed && this.#echo !== undefined) this.error(this.#echo);
  }

  /** Ours say by themselves what they will do, but for a removal; components do nothing. */
  #step({ op, urn, type }: { op: string; urn: string; type: string }): void {
    if (LOOKS.has(op) || type.startsWith("slipway:") || type.startsWith("pulumi:")) return;
    if (!type.startsWith(DYNAMIC) || op.startsWith("delete")) this.#say("", `${op} ${resourceOf(urn)}`);
  }

  #diagnostic({ urn = "", message, severity, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const text = message.trimEnd();
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
