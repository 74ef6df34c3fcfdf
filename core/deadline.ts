import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds, Seconds } from "./words.ts";

/** How often a state is polled that sends no event. */
export const POLL: Milliseconds = 100;

/** The longest time that a timer of Node can wait: one for longer ends at once. */
const LONGEST: Milliseconds = 2 ** 31 - 1;

/** A moment by which something must have happened. Created once and passed down, so that nested waits share it. */
export class Deadline {
  readonly #end: number;

  private constructor(end: number) {
    this.#end = end;
  }

  /** @example Deadline.in(30) */
  static in(seconds: Seconds): Deadline {
    return new Deadline(performance.now() + seconds * 1000);
  }

  get remaining(): Milliseconds {
    return Math.max(0, this.#end - performance.now());
  }

  get passed(): boolean {
    return this.remaining === 0;
  }

  /** The sooner of this deadline and `seconds` from now. */
  atMost(seconds: Seconds): Deadline {
    return new Deadline(Math.min(this.#end, performance.now() + seconds * 1000));
  }

  /** Settles like `work`, or rejects with `late()` when the deadline comes first. */
  async race<T>(work: Promise<T>, late: () => Error): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const alarm = new Promise<never>((_, reject) => {
      const wait = (): void => {
        timer = setTimeout(() => (this.passed ? reject(late()) : wait()), Math.min(this.remaining, LONGEST));
      };
      wait();
    });
    try {
      return await Promise.race([work, alarm]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls `look` every `POLL` until it returns a value; rejects with `late()` at the deadline. */
  async until<T>(look: () => Promise<T | undefined>, late: () => Error): Promise<T> {
    for (;;) {
      const found = await this.race(look(), late);
      if (found !== undefined) return found;
      if (this.passed) throw late();
      await sleep(POLL);
    }
  }
}
