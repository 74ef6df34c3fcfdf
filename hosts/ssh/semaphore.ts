/** At most `limit` holders at a time; the others wait, first come, first served. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Waits for its turn; returns the function that releases it. An abort leaves the queue. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#limit) this.#taken += 1;
    else await this.#queue(signal);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#next();
    };
  }

  #queue(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(called);
        reject(signal?.reason);
      };
      const called = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      this.#waiting.add(called);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(first);
    first();
  }
}
