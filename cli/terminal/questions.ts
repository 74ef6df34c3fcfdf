import { createInterface, type Interface } from "node:readline/promises";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

export interface Question<T> {
  /** Without a question mark: `port of the app`. */
  readonly text: string;
  /** What an empty answer means, as it is typed. */
  readonly otherwise?: string | undefined;
  /** The value of an answer, or what is wrong with it. */
  readonly read: (answer: string) => { readonly value: T } | { readonly wrong: string };
}

/** Questions on the terminal, one line each. Ctrl-C and the end of input end them all. */
export class Questions implements Disposable {
  readonly #lines: Interface;
  readonly #ended: Promise<undefined>;

  constructor() {
    this.#lines = createInterface({ input: process.stdin, output: process.stderr });
    this.#ended = new Promise((resolve) => this.#lines.once("close", () => resolve(undefined)));
  }

  /** Asks again until an answer can be used. */
  async ask<T>({ text, otherwise, read }: Question<T>): Promise<T> {
    for (;;) {
      const hint = otherwise === undefined || otherwise === "" ? "" : ` [${otherwise}]`;
      const typed = await Promise.race([this.#lines.question(`${text}${hint}: `), this.#ended]);
      if (typed === undefined) throw stopped();
      const answer = read(typed.trim() === "" ? (otherwise ?? "") : typed.trim());
      if ("value" in answer) return answer.value;
      console.error(`  ${answer.wrong}`);
    }
  }

  [Symbol.dispose](): void {
    this.#lines.close();
  }
}

const stopped = (): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: "stopped before the last answer; nothing was written",
    servesNow: NOTHING_TOUCHED,
    next: "run it again",
  });
