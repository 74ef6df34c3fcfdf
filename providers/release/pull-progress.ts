import type { Bytes, Milliseconds } from "../../core/words.ts";

/** Before this, a rate says little of what is to come. */
const FIRST_ESTIMATE: Milliseconds = 1000;

/** `pull 2/3 · 41 of 63 MB · 11 MB/s · 2 s left` */
export class PullProgress {
  readonly #now: () => Milliseconds;
  readonly #start: Milliseconds;
  readonly #bytes = new Map<string, { current: Bytes; total: Bytes }>();
  readonly #wanted: number;
  #ready: number;

  constructor(wanted: number, ready: number, now: () => Milliseconds = () => performance.now()) {
    this.#wanted = wanted;
    this.#ready = ready;
    this.#now = now;
    this.#start = now();
  }

  /** @param pull one image on one host */
  note(pull: string, current: Bytes, total: Bytes): string {
    this.#bytes.set(pull, { current, total });
    return this.#line();
  }

  done(pull: string): string {
    this.#ready += 1;
    const last = this.#bytes.get(pull);
    if (last) this.#bytes.set(pull, { current: last.total, total: last.total });
    return this.#line();
  }

  #line(): string {
    const all = [...this.#bytes.values()];
    const current = all.reduce((sum, bytes) => sum + bytes.current, 0);
    const total = all.reduce((sum, bytes) => sum + bytes.total, 0);
    const took = this.#now() - this.#start;
    const pulls = `pull ${this.#ready}/${this.#wanted}`;
    // All layers are there already: only the image's own description comes.
    if (total === 0) return pulls;
    const rate = current / (took / 1000);
    const left = (total - current) / rate;
    return [
      pulls,
      `${megabytes(current)} of ${megabytes(total)} MB`,
      `${megabytes(took === 0 ? 0 : rate)} MB/s`,
      ...(took < FIRST_ESTIMATE || !Number.isFinite(left) || left < 1 ? [] : [`${Math.round(left)} s left`]),
    ].join(" · ");
  }
}

const megabytes = (bytes: Bytes): string => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);
