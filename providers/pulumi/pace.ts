import type { Milliseconds } from "../../core/words.ts";

const SHORTEST_INTERVAL: Milliseconds = 1000;
/** Where each status is a line of its own. */
const LINE_INTERVAL: Milliseconds = 10_000;

/** Where the output of a run goes: a line of a terminal can change, one of a log stays. */
export type Display = "terminal" | "log";

/**
 * When a status of one resource may be shown: the first one at once, then one each second. In a log, one of the same kind, as of a slow boot,
 * is a line every ten seconds.
 */
export class Pace {
  readonly #display: Display;
  readonly #ofKind = new Map<string, Milliseconds>();
  #last: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(display: Display) {
    this.#display = display;
  }

  /** How long this status has to wait; of those that wait, the latest is shown. */
  wait(line: string, now: Milliseconds): Milliseconds {
    const ofKind = this.#ofKind.get(kindOf(line)) ?? Number.NEGATIVE_INFINITY;
    const next = this.#display === "terminal" ? Number.NEGATIVE_INFINITY : ofKind + LINE_INTERVAL;
    return Math.max(0, this.#last + SHORTEST_INTERVAL - now, next - now);
  }

  shown(line: string, now: Milliseconds): void {
    this.#last = now;
    this.#ofKind.set(kindOf(line), now);
  }
}

/** What comes before the first count, time or detail: `healthy ` of `healthy 2/3 (web-3: 503 × 4, 1.2 s)`. */
const kindOf = (line: string): string => /^[^\d(:]*/.exec(line)?.[0] ?? "";
