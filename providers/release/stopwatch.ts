import type { Seconds } from "../../core/words.ts";

/** What took less was not there, for people. */
const NOTICEABLE: Seconds = 0.005;

const OUTAGES = { down: "down for", held: "requests waited up to" } as const;

/** Times the phases of a release; its sentence is the critical path. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #phases = new Map<string, Seconds>();
  readonly #outages = new Map<keyof typeof OUTAGES, Seconds>();
  #servingAfter: Seconds | undefined;

  /** A phase that comes once a wave counts as one. */
  async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#phases.set(phase, (this.#phases.get(phase) ?? 0) + (performance.now() - start) / 1000);
    }
  }

  /** New requests reach the new release from now on, on all hosts. */
  serving(): void {
    this.#servingAfter = this.#elapsed;
  }

  /** While one container stopped before its successor started. Of several at the same time, or one after the other, the longest counts. */
  outage(kind: keyof typeof OUTAGES, took: Seconds): void {
    this.#outages.set(kind, Math.max(this.#outages.get(kind) ?? 0, took));
  }

  /** `in 2.9 s, serving after 2.1 s: pull 0.4 · boot 1.6 · switch 0.1 · drain 0.2` */
  toString(): string {
    const serving = this.#servingAfter === undefined ? "" : `, serving after ${seconds(this.#servingAfter)} s`;
    const noticed = [...this.#phases].filter(([, took]) => took >= NOTICEABLE);
    const path = noticed.map(([name, took]) => `${name} ${seconds(took)}`).join(" · ");
    const outages = [...this.#outages].map(([kind, took]) => `, ${OUTAGES[kind]} ${seconds(took)} s`).join("");
    return `in ${seconds(this.#elapsed)} s${serving}${outages}${path === "" ? "" : `: ${path}`}`;
  }

  get #elapsed(): Seconds {
    return (performance.now() - this.#start) / 1000;
  }
}

const seconds = (value: Seconds): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));
