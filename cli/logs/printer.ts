import { styleText } from "node:util";
import { type LogLine, printable } from "../../hosts/index.ts";
import type { LogContainer } from "./source.ts";

/** A line and whose it is. */
export interface SourcedLine extends LogLine {
  readonly container: LogContainer;
}

const COLOURS = [
  "cyan",
  "green",
  "yellow",
  "magenta",
  "blue",
  "cyanBright",
  "greenBright",
  "yellowBright",
  "magentaBright",
] as const;

/** Where log lines are written: stdout, and nothing but lines. */
export class LogPrinter {
  readonly #out: NodeJS.WriteStream;
  readonly #colours = new Map<string, (typeof COLOURS)[number]>();
  #width = 0;

  constructor(out: NodeJS.WriteStream, closed: () => void) {
    this.#out = out;
    // `slipway logs | head`: who has enough goes away.
    out.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      closed();
    });
  }

  /** Makes room for their names, so that lines stand below each other from the first on. */
  expect(containers: readonly LogContainer[]): void {
    this.#width = Math.max(this.#width, ...containers.map(({ source }) => source.length));
  }

  /** Settles when the reader keeps up. */
  async write({ container, text }: SourcedLine): Promise<void> {
    const { source } = container;
    this.#width = Math.max(this.#width, source.length);
    const prefix = styleText(this.#colourOf(source), source.padEnd(this.#width), { stream: this.#out });
    // A container must not move the cursor of the person who reads; a file or a program gets what was written.
    const line = `${prefix} | ${this.#out.isTTY ? printable(text) : text}\n`;
    if (this.#out.write(line) || this.#out.destroyed) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.#out.off("drain", go).off("close", go).off("error", go);
        resolve();
      };
      this.#out.on("drain", go).on("close", go).on("error", go);
    });
  }

  #colourOf(source: string): (typeof COLOURS)[number] {
    const colour = this.#colours.get(source) ?? COLOURS[this.#colours.size % COLOURS.length] ?? "cyan";
    this.#colours.set(source, colour);
    return colour;
  }
}
