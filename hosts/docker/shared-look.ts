import type { Milliseconds } from "../../core/words.ts";

/** How long a look may be used: as long as a run needs to look at its resources one after the other. */
const MAX_AGE: Milliseconds = 5_000;

/** What shows whether a host may have changed since. */
export interface Watched {
  /** Grows with each change that this process makes on the host, and with each lease: before it, others may have changed something. */
  readonly changes: number;
  /** The last loss of the connection. */
  readonly lastLoss: object | undefined;
}

interface Begin {
  readonly at: Milliseconds;
  readonly changes: number;
  readonly loss: object | undefined;
}

/**
 * What one host answered to the resources of a run, so that it is asked each question once. Answers are used again only as long as nothing
 * was changed there, the connection held, and the look is fresh.
 */
export class SharedLook {
  readonly #watched: Watched;
  readonly #now: () => Milliseconds;
  readonly #answers = new Map<string, Promise<unknown>>();
  #begin: Begin | undefined;

  constructor(watched: Watched, now: () => Milliseconds = () => performance.now()) {
    this.#watched = watched;
    this.#now = now;
  }

  get isFresh(): boolean {
    if (this.#begin === undefined) return false;
    const { at, changes, loss } = this.#begin;
    return changes === this.#watched.changes && loss === this.#watched.lastLoss && this.#now() - at < MAX_AGE;
  }

  /** From now on, everything is asked again. */
  begin(): void {
    const { changes, lastLoss: loss } = this.#watched;
    this.#begin = { at: this.#now(), changes, loss };
    this.#answers.clear();
  }

  /** @param question equal for equal answers: the call with its arguments */
  once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    if (!this.isFresh) this.begin();
    const known = this.#answers.get(question);
    // Asked with the same question, so by the same call.
    if (known !== undefined) return known as Promise<T>;
    const answer = ask();
    this.#answers.set(question, answer);
    answer.catch(() => {
      // The next one asks again.
      if (this.#answers.get(question) === answer) this.#answers.delete(question);
    });
    return answer;
  }
}
