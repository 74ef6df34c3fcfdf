import { Worker } from "node:worker_threads";
import { Deadline } from "../../../core/deadline.ts";
import type { Bytes, Seconds } from "../../../core/words.ts";
import type { Traffic } from "../../../lab/traffic.ts";
import type { LineShape } from "./result.ts";

/** A relay to make. */
export interface LineEnd {
  readonly to: { readonly address: string; readonly port: number };
  /** The address that it listens on. Default: 127.0.0.1. */
  readonly on?: string;
}

/** What the main thread sends. Each question is answered. */
export interface LinesQuestion {
  readonly id: number;
  /** What the lines are like from now on. */
  readonly shape?: LineShape;
}

/** What the thread sends: at its start the ports, then what went through each relay so far. */
export type LinesAnswer = { readonly ports: readonly number[] } | { readonly id: number; readonly traffic: readonly Traffic[] };

const PATIENCE: Seconds = 20;

/**
 * Relays in a thread of their own: what the line does must not take time of the process whose speed is measured. All together are one
 * line to the outside, whose speed they share.
 */
export class Lines implements AsyncDisposable {
  /** Of each relay, in their order. */
  readonly ports: readonly number[];
  readonly #worker: Worker;
  #asked = 0;

  private constructor(worker: Worker, ports: readonly number[]) {
    this.#worker = worker;
    this.ports = ports;
  }

  static async open(ends: readonly LineEnd[]): Promise<Lines> {
    const worker = new Worker(new URL("./lines-worker.ts", import.meta.url), { workerData: ends, execArgv: [] });
    try {
      return new Lines(worker, await answerOf(worker, (said) => ("ports" in said ? said.ports : undefined)));
    } catch (thrown) {
      await worker.terminate();
      throw thrown;
    }
  }

  /** From now on. */
  async shape(shape: LineShape): Promise<void> {
    await this.#ask({ shape });
  }

  /** Starts counting; the returned function says how many bytes have gone out since, through each relay. */
  async count(): Promise<() => Promise<Bytes[]>> {
    const before = await this.#ask({});
    return async () => (await this.#ask({})).map(({ up }, at) => up - (before[at]?.up ?? 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(question: Omit<LinesQuestion, "id">): Promise<readonly Traffic[]> {
    this.#asked += 1;
    const id = this.#asked;
    const answer = answerOf(this.#worker, (said) => ("id" in said && said.id === id ? said.traffic : undefined));
    this.#worker.postMessage({ ...question, id } satisfies LinesQuestion);
    return answer;
  }
}

async function answerOf<T>(worker: Worker, pick: (said: LinesAnswer) => T | undefined): Promise<T> {
  let [end, fail]: [() => void, (error: Error) => void] = [() => {}, () => {}];
  const ended = () => fail(new Error("the thread of the relays has ended"));
  try {
    const answer = new Promise<T>((resolve, reject) => {
      fail = reject;
      const heed = (said: LinesAnswer) => {
        const picked = pick(said);
        if (picked !== undefined) resolve(picked);
      };
      worker.on("message", heed).on("error", fail).on("exit", ended);
      end = () => void worker.off("message", heed).off("error", fail).off("exit", ended);
    });
    return await Deadline.in(PATIENCE).race(
      answer,
      () => new Error(`the thread of the relays has not answered in ${PATIENCE} s`),
    );
  } finally {
    end();
  }
}
