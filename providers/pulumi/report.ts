import { printableText } from "../../core/text.ts";
import type { Milliseconds } from "../../core/words.ts";
import type { Engine } from "./engine-client.ts";

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

/** Without a terminal every status is a line of its own: more than one per second would be noise. */
const STATUS_INTERVAL: Milliseconds = 1000;

/** Reports to the engine's log, in the row of the resource. Calls are not awaited: a slow display must not slow a release. */
export class EngineReport implements Report {
  #last = Number.NEGATIVE_INFINITY;
  #pending: NodeJS.Timeout | undefined;
  readonly #engine: Promise<Engine | undefined>;
  readonly #urn: string;
  readonly #mask: (text: string) => string;

  /** @param mask replaces what must not be shown */
  constructor(engine: Promise<Engine | undefined>, urn: string, mask: (text: string) => string = (text) => text) {
    this.#engine = engine;
    this.#urn = urn;
    this.#mask = mask;
  }

  /** The first one at once, then the latest of each second. */
  status(line: string): void {
    clearTimeout(this.#pending);
    const show = () => {
      this.#last = performance.now();
      void this.#log("INFO", line, true);
    };
    const wait = this.#last + STATUS_INTERVAL - performance.now();
    if (wait <= 0) show();
    else this.#pending = setTimeout(show, wait);
  }

  say(text: string): void {
    clearTimeout(this.#pending);
    void this.#log("INFO", text, false);
  }

  warn(text: string): void {
    void this.#log("WARNING", text, false);
  }

  /** A status that is still waiting to be shown is outdated. */
  end(): void {
    clearTimeout(this.#pending);
  }

  async #log(severity: "INFO" | "WARNING", message: string, ephemeral: boolean): Promise<void> {
    const engine = await this.#engine;
    engine?.log(this.#urn, severity, this.#mask(printableText(message)), ephemeral);
  }
}
