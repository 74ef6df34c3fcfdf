import { styleText } from "node:util";
import { printable } from "../../core/text.ts";
import type { LogLine } from "../../hosts/index.ts";
import type { LogContainer } from "./source.ts";

/** A line and the container that wrote it. */
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

/** Writes log lines to stdout. */
export class LogPrinter {
  readonly #out: NodeJS.WriteStream;
  readonly #timestamps: boolean;
  readonly #colours = new Map<string, (typeof COLOURS)[number]>();
  #width = 0;

  constructor(out: NodeJS.WriteStream, closed: () => void, times: "with times" | "without times" = "without times") {
    this.#out = out;
    this.#timestamps = times === "with times";
    // `slipway logs | head` closes the pipe.
    out.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      closed();
    });
  }

  /** Makes room for their names, so that all lines are aligned from the first on. */
  expect(containers: readonly LogContainer[]): void {
    this.#width = Math.max(this.#width, ...containers.map(({ source }) => source.length));
  }

  /** Resolves when the reader has caught up. */
  async write({ container, text, at }: SourcedLine): Promise<void> {
    const { source } = container;
    this.#width = Math.max(this.#width, source.length);
    const prefix = styleText(this.#colourOf(source), source.padEnd(this.#width), { stream: this.#out });
    // On a terminal, control characters could move the cursor; a file or a program gets what was written.
    const time = this.#timestamps ? `${milliseconds(at)} ` : "";
    const line = `${prefix} | ${time}${this.#out.isTTY ? printable(text) : text}\n`;
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

/** @example milliseconds("2026-01-31T12:00:00.123456789Z") // "2026-01-31T12:00:00.123Z" */
const milliseconds = (at: string): string => at.replace(/(\.\d{3})\d*Z$/, "$1Z");
