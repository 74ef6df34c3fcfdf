import type { Seconds } from "../../core/words.ts";

/** Times the phases of a release; its sentence is the critical path. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #phases: [name: string, seconds: Seconds][] = [];
  #servingAfter: Seconds | undefined;

  async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#phases.push([phase, (performance.now() - start) / 1000]);
    }
  }

  /** New requests reach the new release from now on, on all hosts. */
  serving(): void {
    this.#servingAfter = this.#elapsed;
  }

  /** `in 2.9 s, serving after 2.1 s: pull 0.4 · boot 1.6 · switch 0.1 · drain 0.2` */
  toString(): string {
    const serving = this.#servingAfter === undefined ? "" : `, serving after ${seconds(this.#servingAfter)} s`;
    const path = this.#phases.map(([name, took]) => `${name} ${seconds(took)}`).join(" · ");
    return `in ${seconds(this.#elapsed)} s${serving}: ${path}`;
  }

  get #elapsed(): Seconds {
    return (performance.now() - this.#start) / 1000;
  }
}

const seconds = (value: Seconds): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));
