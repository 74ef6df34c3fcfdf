import type { Milliseconds } from "../../core/words.ts";

/** Lines of two hosts that were written in one order can come in the other; later than this they do not on a network that works. */
const HOLD: Milliseconds = 150;
/** So many lines wait at most; then those who bring them wait. */
const ROOM = 5_000;

interface Held<T> {
  readonly item: T;
  readonly came: number;
}

/** Puts what comes from several sides into the order of its times, as far as it comes within a moment. */
export class ReorderBuffer<T extends { readonly at: string }> {
  readonly #write: (item: T) => Promise<void>;
  #held: Held<T>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(write: (item: T) => Promise<void>) {
    this.#write = write;
  }

  async add(item: T): Promise<void> {
    this.#held.push({ item, came: performance.now() });
    this.#timer ??= setTimeout(() => this.#release(HOLD), HOLD);
    if (this.#held.length < ROOM) return;
    this.#release(0);
    await this.#writing;
  }

  /** Settles when all that came is written. */
  async end(): Promise<void> {
    this.#release(0);
    await this.#writing;
  }

  #release(older: Milliseconds): void {
    clearTimeout(this.#timer);
    const until = performance.now() - older;
    const ready = this.#held.filter(({ came }) => came <= until);
    this.#held = this.#held.filter(({ came }) => came > until);
    this.#timer = this.#held.length === 0 ? undefined : setTimeout(() => this.#release(HOLD), HOLD / 3);
    const inOrder = ready.sort((a, b) => (a.item.at < b.item.at ? -1 : a.item.at > b.item.at ? 1 : 0));
    this.#writing = this.#writing.then(async () => {
      for (const { item } of inOrder) await this.#write(item);
    });
  }
}
