import type { Duplex } from "node:stream";
import type { Milliseconds } from "../../core/words.ts";

/** A client that knows the password sends it with its first request, or right after the answer to that. */
const PATIENCE: Milliseconds = 10_000;
/** More than clients open within a round trip: one that has just come must be able to say who it is. */
const MOST = 256;

/**
 * The connections that have not shown the password. Every local user of the host can open some: neither many nor slow ones keep
 * others from getting in, since those that have waited longest are closed for new ones, and each after a while.
 */
export class Strangers {
  readonly #waiting = new Map<Duplex, NodeJS.Timeout>();

  add(stream: Duplex): void {
    const [longest] = this.#waiting.keys();
    if (longest !== undefined && this.#waiting.size >= MOST) {
      this.remove(longest);
      longest.destroy();
    }
    this.#waiting.set(stream, setTimeout(() => stream.destroy(), PATIENCE).unref());
    stream.once("close", () => this.remove(stream));
  }

  /** It is none, or gone. */
  remove(stream: Duplex): void {
    clearTimeout(this.#waiting.get(stream));
    this.#waiting.delete(stream);
  }
}
