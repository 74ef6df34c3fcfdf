import { printableText } from "../../core/text.ts";
import type { Report } from "../../providers/pulumi/report.ts";
import { notice } from "./failure.ts";

const CLEAR_LINE = "\r\u001b[K";

/** Progress of a command: one line that replaces the one before, on a terminal; what remains, as lines of their own. */
export class Progress implements Report {
  readonly #hide: (text: string) => string;
  #isShown = false;

  /** @param hide replaces what must not be shown */
  constructor(hide: (text: string) => string = (text) => text) {
    this.#hide = hide;
  }

  status(line: string): void {
    const { isTTY, columns } = process.stderr;
    if (!isTTY) return;
    process.stderr.write(`${CLEAR_LINE}${printableText(this.#hide(line)).slice(0, columns - 1)}`);
    this.#isShown = true;
  }

  say(text: string): void {
    this.end();
    notice(this.#hide(text));
  }

  warn(text: string): void {
    this.say(`warning: ${text}`);
  }

  /** Removes the line that is shown. */
  end(): void {
    if (this.#isShown) process.stderr.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
