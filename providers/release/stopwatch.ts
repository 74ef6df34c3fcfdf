import type { Seconds } from "../../core/words.ts";

/** What took less was not there, for people. */
const NOTICEABLE: Seconds = 0.005;

/** Times the phases of a release; its sentence is the critical path. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #phases = new Map<string, Seconds>();
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

  /** `in 2.9 s, serving after 2.1 s: pull 0.4 · boot 1.6 · switch 0.1 · drain 0.2` */
  toString(): string {
    const serving = this.#servingAfter === undefined ? "" : `, serving after ${seconds(this.#servingAfter)} s`;
    const noticed = [...this.#phases].filter(([, took]) => took >= NOTICEABLE);
    const path = noticed.map(([name, took]) => `${name} ${seconds(took)}`).join(" · ");
    return `in ${seconds(this.#elapsed)} s${serving}${path === "" ? "" : `: ${path}`}`;
  }

  get #elapsed(): Seconds {
    return (performance.now() - this.#start) / 1000;
  }
}

const seconds = (value: Seconds): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));
