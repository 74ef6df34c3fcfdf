import type { Seconds } from "../../core/words.ts";

/** One request to Docker, as its work sees it. */
export interface Call {
  /** Aborted when Docker has not answered in time. */
  readonly signal: AbortSignal;
  /** The time begins again: a part of the answer has arrived. */
  readonly renew: () => void;
}

/** Docker did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(what: string, within: Seconds) {
    super(`${what}: no answer in ${Math.round(within)} s`);
  }
}

/** After a silence, Docker is not waited for as long again: a run with many calls must end, too. It ends with the next answer. */
const WHILE_SILENT: Seconds = 3;

/** How long the Docker of one host is waited for. */
export class Patience {
  readonly #answer: Seconds;
  #silent = false;

  /** @param answer for a call that needs no work of Docker */
  constructor(answer: Seconds) {
    this.#answer = answer;
  }

  /**
   * Settles like `work`, or rejects with `NoAnswer` and aborts it when there was none in time.
   *
   * @param extra what this kind of call may take in addition: the grace of a stop
   */
  async within<T>(what: string, extra: Seconds, work: (call: Call) => Promise<T>): Promise<T> {
    const limit = this.#silent ? Math.min(WHILE_SILENT, this.#answer) : this.#answer + extra;
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const working = new Promise<T>((resolve, reject) => {
      const late = () => {
        this.#silent = true;
        const error = new NoAnswer(what, limit);
        abort.abort(error);
        reject(error);
      };
      const renew = () => {
        clearTimeout(timer);
        if (!abort.signal.aborted) timer = setTimeout(late, Math.min(limit * 1000, LONGEST));
      };
      renew();
      work({ signal: abort.signal, renew }).then(resolve, reject);
    });
    try {
      const answer = await working;
      this.#silent = false;
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A timer of Node for longer ends at once. */
const LONGEST = 2 ** 31 - 1;
