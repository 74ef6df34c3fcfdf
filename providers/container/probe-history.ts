import type { Answer, Check } from "./check.ts";

/** The results of the probes: equal results in a row are counted, not repeated. */
export class ProbeHistory {
  readonly #start = performance.now();
  #last = "";
  #times = 0;
  #successes = 0;
  #wrote = "";

  /** @returns the number of successes in a row */
  note({ said, healthy, wrote = "" }: Answer): number {
    this.#wrote = wrote;
    this.#times = said === this.#last ? this.#times + 1 : 1;
    this.#last = said;
    this.#successes = healthy ? this.#successes + 1 : 0;
    return this.#successes;
  }

  /** What was probed, the results, and what it wrote. */
  evidence({ what, pace }: Check): string[] {
    return [
      `${what}: ${this}`,
      ...(this.#wrote === "" ? [] : [`  ${this.#wrote}`]),
      ...(pace === undefined ? [] : [`  ${pace}`]),
    ];
  }

  /** `503 × 4, 1.2 s` */
  toString(): string {
    return `${this.#last} × ${this.#times}, ${((performance.now() - this.#start) / 1000).toFixed(1)} s`;
  }
}
