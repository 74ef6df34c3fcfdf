import type { Bytes, Milliseconds } from "../core/words.ts";

/** A line to the outside of limited speed: what goes out takes its turn, whichever relay it goes through. */
export class Uplink {
  readonly bytesPerSecond: number;
  #free: Milliseconds = 0;

  /** @example Uplink.of(20) // 20 Mbit/s */
  static of(megabits: number): Uplink {
    return new Uplink((megabits * 1_000_000) / 8);
  }

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Takes the next turn. @returns after which time all of it is through */
  take(bytes: Bytes): Milliseconds {
    const now = performance.now();
    this.#free = Math.max(this.#free, now) + (bytes / this.bytesPerSecond) * 1000;
    return this.#free - now;
  }
}
