import { printableText } from "../../core/text.ts";
import { displayHere } from "./display.ts";
import type { Engine } from "./engine-client.ts";
import { type Display, Pace } from "./pace.ts";

/** Progress of a resource, shown to the user. */
export interface Report {
  /** One line that replaces the one before: `pull 2/3 · 41 of 63 MB`. */
  status(line: string): void;
  /** A line that remains, under Diagnostics. */
  say(text: string): void;
  warn(text: string): void;
}

/** Of work that only looks: no one is shown how it goes. */
export const SILENT: Report = { status() {}, say() {}, warn() {} };

/** An empty message is not shown at all; one of a colour alone leaves the row without a text. */
export const NO_STATUS = "<{%reset%}>";

/** Reports to the engine's log, in the row of the resource. Calls are not awaited: a slow display must not slow a release. */
export class EngineReport implements Report {
  #pending: NodeJS.Timeout | undefined;
  /** The status that is in the row. */
  #shown: string | undefined;
  readonly #engine: Promise<Engine | undefined>;
  readonly #urn: string;
  readonly #mask: (text: string) => string;
  readonly #display: Display;
  readonly #pace: Pace;

  /** @param mask replaces what must not be shown */
  constructor(
    engine: Promise<Engine | undefined>,
    urn: string,
    mask: (text: string) => string = (text) => text,
    display: Display = displayHere(),
  ) {
    this.#engine = engine;
    this.#urn = urn;
    this.#mask = mask;
    this.#display = display;
    this.#pace = new Pace(display);
  }

  status(line: string): void {
    clearTimeout(this.#pending);
    if (line === this.#shown) return;
    const show = () => {
      this.#pace.shown(line, performance.now());
      this.#shown = line;
      void this.#log("INFO", line, true);
    };
    const wait = this.#pace.wait(line, performance.now());
    if (wait === 0) show();
    else this.#pending = setTimeout(show, wait);
  }

  say(text: string): void {
    clearTimeout(this.#pending);
    this.#shown = undefined;
    void this.#log("INFO", text, false);
  }

  warn(text: string): void {
    this.#shown = undefined;
    void this.#log("WARNING", text, false);
  }

  /**
   * The plan of a resource that is created. In a log, Pulumi repeats the first line of the last message in each row of the resource, and prints all
   * of it under Diagnostics at the end: an empty first line leaves it there alone.
   */
  planNew(text: string): void {
    this.say(this.#display === "log" ? `\n${text}` : text);
  }

  /** The work has failed: the error takes the place of a status. */
  fail(): void {
    clearTimeout(this.#pending);
    this.#shown = undefined;
  }

  /** The work is done: a status that still waits is outdated, and one that is shown would stay in the row. */
  async end(): Promise<void> {
    clearTimeout(this.#pending);
    if (this.#shown !== undefined) await this.#send("INFO", NO_STATUS, true);
    this.#shown = undefined;
  }

  #log(severity: "INFO" | "WARNING", message: string, ephemeral: boolean): Promise<void> {
    return this.#send(severity, this.#mask(printableText(message)), ephemeral);
  }

  async #send(severity: "INFO" | "WARNING", message: string, ephemeral: boolean): Promise<void> {
    const engine = await this.#engine;
    await engine?.log(this.#urn, severity, message, ephemeral);
  }
}
