import type { Milliseconds } from "../../core/words.ts";

/** Lines of several hosts may arrive out of order, within this time on a working network. */
const DELAY: Milliseconds = 150;
/** The most lines that wait; after that, their sources wait. */
const CAPACITY = 5_000;

interface Held<T> {
  readonly item: T;
  readonly arrived: number;
}

/** Sorts lines from several sources by time, as far as they arrive within a short delay. */
export class ReorderBuffer<T extends { readonly at: string }> {
  readonly #write: (item: T) => Promise<void>;
  #held: Held<T>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(write: (item: T) => Promise<void>) {
    this.#write = write;
  }

  async add(item: T): Promise<void> {
    this.#held.push({ item, arrived: performance.now() });
    this.#timer ??= setTimeout(() => this.#release(DELAY), DELAY);
    if (this.#held.length < CAPACITY) return;
    this.#release(0);
    await this.#writing;
  }

  /** Resolves when everything that has arrived is written. */
  async end(): Promise<void> {
    this.#release(0);
    await this.#writing;
  }

  #release(older: Milliseconds): void {
    clearTimeout(this.#timer);
    const until = performance.now() - older;
    const ready = this.#held.filter(({ arrived }) => arrived <= until);
    this.#held = this.#held.filter(({ arrived }) => arrived > until);
    this.#timer = this.#held.length === 0 ? undefined : setTimeout(() => this.#release(DELAY), DELAY / 3);
    const inOrder = ready.sort((a, b) => (a.item.at < b.item.at ? -1 : a.item.at > b.item.at ? 1 : 0));
    this.#writing = this.#writing.then(async () => {
      for (const { item } of inOrder) await this.#write(item);
    });
  }
}
