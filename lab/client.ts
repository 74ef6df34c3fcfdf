import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Milliseconds, Seconds } from "../core/words.ts";

/** Constant load on one URL. */
export interface LoadOptions {
  readonly url: string;
  /** The `Host` header. Default: the URL's. */
  readonly host?: string;
  /** @example "kamal-rollout=beta" */
  readonly cookie?: string;
  /** Requests per second, sent whether or not earlier ones were answered. Default 100. */
  readonly rate?: number;
  /** Whether an answer is correct. Default: status 200. Called once per distinct answer, after the load has ended. */
  readonly expect?: (status: number, body: string) => boolean;
  /** Default "new": a connection for each request, so that every request can meet a switch. */
  readonly connections?: "new" | "kept";
  /** A request without a complete answer by then has failed. Default 10. */
  readonly timeout?: Seconds;
  /** The load ends by itself after this. Default 120. */
  readonly limit?: Seconds;
}

/** A distinct answer. */
export interface Answer {
  readonly status: number;
  /** Its first 200 characters. */
  readonly body: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
}

/** A request that got no answer or a wrong one. */
export interface Failure {
  readonly at: Date;
  /** The error, or the wrong answer. */
  readonly reason: string;
}

/** Result of a load. Always `requests = ok + wrong + failed`. */
export interface LoadResult {
  readonly requests: number;
  readonly ok: number;
  /** Answered, but not as expected. */
  readonly wrong: number;
  /** Without an answer: refused, reset, timed out. */
  readonly failed: number;
  /** The first 20. */
  readonly failures: readonly Failure[];
  /** When the first and last of all wrong and failed requests were due; `undefined` without any. */
  readonly failing: { readonly first: Date; readonly last: Date } | undefined;
  /** Distinct answers, in order of first appearance. */
  readonly answers: readonly Answer[];
  /** From when a request was due, not from when it was sent, so that a stalled sender does not look fast. */
  readonly latency: { readonly p50: Milliseconds; readonly p99: Milliseconds; readonly max: Milliseconds };
}

/** A running load. */
export interface Load {
  /** Resolves when that many requests sent from now on have ended, or the load has. */
  more(requests: number): Promise<void>;
  /** Sends no new requests; returns the result when the last request in flight has ended. */
  stop(): Promise<LoadResult>;
}

/** Options of the worker, without functions, which cannot be sent to a thread. */
export interface LoadOrder {
  readonly url: string;
  readonly host: string | undefined;
  readonly cookie: string | undefined;
  readonly rate: number;
  readonly connections: "new" | "kept";
  readonly timeoutMs: Milliseconds;
  readonly limitMs: Milliseconds;
}

/** What the main thread sends to the worker. `more` is answered under the same `id`. */
export type LoadQuestion = "stop" | { readonly more: number; readonly id: number };

/** What the worker sends before its report. */
export type LoadNews = "started" | { readonly ended: number };

/** The worker's report. */
export interface LoadTally {
  readonly sent: number;
  readonly answers: readonly { status: number; body: string; count: number; first: number; last: number }[];
  /** Answers beyond the distinct ones that are kept. */
  readonly unkept: number;
  readonly errors: number;
  readonly failing: { first: number; last: number } | undefined;
  readonly samples: readonly { at: number; reason: string }[];
  readonly latency: LoadResult["latency"];
}

/** Starts the load in its own thread and resolves when the first request has been sent. */
export async function load(options: LoadOptions): Promise<Load> {
  const {
    url,
    host,
    cookie,
    rate = 100,
    expect = (status) => status === 200,
    connections = "new",
    timeout = 10,
    limit = 120,
  } = options;
  const order: LoadOrder = { url, host, cookie, rate, connections, timeoutMs: timeout * 1000, limitMs: limit * 1000 };
  const worker = new Worker(new URL("./client-worker.ts", import.meta.url), { workerData: order, execArgv: [] });
  const tally = new Promise<LoadTally>((resolve, reject) => {
    worker.on("message", (message: LoadNews | LoadTally) => {
      if (message !== "started" && "sent" in message) resolve(message);
    });
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("the load's thread ended without a result")));
  });
  tally.catch(() => {}); // thrown by stop()
  await once(worker, "message");
  const ask = (question: LoadQuestion) => worker.postMessage(question);
  let asked = 0;
  return {
    more: (requests) => {
      asked += 1;
      const id = asked;
      const came = new Promise<void>((resolve) => {
        worker.on("message", (message: LoadNews | LoadTally) => {
          if (message !== "started" && "ended" in message && message.ended === id) resolve();
        });
      });
      ask({ more: requests, id });
      return Promise.race([came, tally.then(() => {})]);
    },
    stop: async () => {
      ask("stop");
      return judge(await tally, expect);
    },
  };
}

function judge(tally: LoadTally, expect: (status: number, body: string) => boolean): LoadResult {
  const answers = tally.answers.map((answer) => ({ ...answer, first: new Date(answer.first), last: new Date(answer.last) }));
  const wrongs = answers.filter(({ status, body }) => !expect(status, body));
  const sum = (of: readonly Answer[]): number => of.reduce((total, { count }) => total + count, 0);
  // an answer that was not kept cannot be checked, so it does not count as correct
  const wrong = sum(wrongs) + tally.unkept;
  const wrongSamples = wrongs.map(({ first, status, body, count }) => ({
    at: first,
    reason: `${status} ${JSON.stringify(body)} (${count} times)`,
  }));
  const errorSamples = tally.samples.map(({ at, reason }) => ({ at: new Date(at), reason }));
  const failures = [...errorSamples, ...wrongSamples].sort((a, b) => a.at.getTime() - b.at.getTime()).slice(0, 20);
  return {
    requests: tally.sent,
    ok: sum(answers) - sum(wrongs),
    wrong,
    failed: tally.errors,
    failures,
    failing: spanOf([
      ...(tally.failing === undefined ? [] : [new Date(tally.failing.first), new Date(tally.failing.last)]),
      ...wrongs.flatMap(({ first, last }) => [first, last]),
    ]),
    answers,
    latency: tally.latency,
  };
}

function spanOf(moments: readonly Date[]): { first: Date; last: Date } | undefined {
  const [first, ...later] = [...moments].sort((a, b) => a.getTime() - b.getTime());
  return first === undefined ? undefined : { first, last: later.at(-1) ?? first };
}
