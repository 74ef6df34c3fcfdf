import type { Socket } from "node:net";
import type { Bytes, Milliseconds } from "../core/words.ts";
import type { Uplink } from "./uplink.ts";

/** The state of a network, asked for each part that passes. */
export interface Way {
  readonly delay: () => Milliseconds;
  readonly isFrozen: () => boolean;
  readonly uplink?: () => Uplink | undefined;
  /** Called when bytes were written to the other end. */
  readonly passed?: () => void;
  /** Called with bytes that are about to be. */
  readonly arrives?: (bytes: Bytes) => void;
}

/** Of what is not through yet, this much is read before it is its turn: a line without a gap needs something that waits. */
const AHEAD: Milliseconds = 20;

/** One direction of a connection through a relay. What has entered arrives in its order, even if the way gets shorter meanwhile. */
export class Passage {
  readonly #way: Way;
  readonly #queue: { due: Milliseconds; act: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, way: Way) {
    this.#way = way;
    from.on("data", (part: Buffer) => {
      const turn = this.#takeTurn(part.length, from);
      this.#at(turn + way.delay(), () => {
        if (!to.writable) return;
        way.arrives?.(part.length);
        to.write(part, way.passed);
      });
    });
    from.on("end", () => this.afterAll(() => to.end()));
  }

  /** Acts after all that has entered, and as much later as a byte would be. */
  afterAll(act: () => void): void {
    this.#at(this.#way.delay(), act);
  }

  /** A sender is only read as fast as the line takes it: what it could not send yet stays with it. */
  #takeTurn(bytes: Bytes, from: Socket): Milliseconds {
    const turn = this.#way.uplink?.()?.take(bytes) ?? 0;
    if (turn > 0) {
      from.pause();
      setTimeout(() => this.#way.isFrozen() || from.resume(), Math.max(0, turn - AHEAD));
    }
    return turn;
  }

  #at(wait: Milliseconds, act: () => void): void {
    if (wait === 0 && this.#queue.length === 0) {
      act();
      return;
    }
    this.#queue.push({ due: performance.now() + wait, act });
    this.#timer ??= this.#wake();
  }

  #wake(): NodeJS.Timeout | undefined {
    const [next] = this.#queue;
    return next && setTimeout(() => this.#pass(), Math.max(0, next.due - performance.now()));
  }

  #pass(): void {
    // A timer may come a fraction of a millisecond early.
    const now = performance.now() + 1;
    while (this.#queue[0] !== undefined && this.#queue[0].due <= now) this.#queue.shift()?.act();
    this.#timer = this.#wake();
  }
}
