import { Agent, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import type { LoadNews, LoadOrder, LoadQuestion, LoadTally } from "./client.ts";

const KEPT_ANSWERS = 500;
const KEPT_SAMPLES = 20;
const BODY = 200;
const IN_FLIGHT = 3000;

const { url, host, cookie, rate, connections, timeoutMs, limitMs } = workerData as LoadOrder;
const agent = new Agent({ keepAlive: connections === "kept", maxSockets: Number.POSITIVE_INFINITY });
const headers = { ...(host === undefined ? {} : { host }), ...(cookie === undefined ? {} : { cookie }) };

const answers = new Map<string, { status: number; body: string; count: number; first: number; last: number }>();
const samples: { at: number; reason: string }[] = [];
const latencies: number[] = [];
let sent = 0;
let ended = 0;
let unkept = 0;
let errors = 0;
/** When the first and last failed request were due. The time of a timeout would say nothing about the time of the failure. */
let failing: { first: number; last: number } | undefined;
let stopping = false;
/** Questions to answer once that many requests have ended. */
let waiting: { readonly id: number; readonly until: number }[] = [];

const started = performance.now();
// Ticks are expensive: at the tests' rates, one every millisecond would take 4 % of a core for each load.
const timer = setInterval(sendDue, rate > 50 ? 1 : 5);
sendDue();
parentPort?.postMessage("started");
parentPort?.on("message", (question: LoadQuestion) => {
  if (question === "stop") stop();
  else waiting.push({ id: question.id, until: sent + question.more });
});
setTimeout(stop, limitMs).unref();

/** Sends every request that is due: after a late timer several at once, so that none is left out. */
function sendDue(): void {
  const due = Math.floor(((performance.now() - started) * rate) / 1000) + 1;
  while (sent < due) {
    const at = started + (sent * 1000) / rate;
    sent += 1;
    if (sent - ended > IN_FLIGHT) fail(at, new Error(`not sent: ${IN_FLIGHT} requests in flight`));
    else send(at);
  }
}

function send(due: number): void {
  let settled = false;
  const settle = (outcome: () => void) => {
    if (settled) return;
    settled = true;
    clearTimeout(alarm);
    outcome();
  };
  const call = request(url, { agent, headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("error", (error) => settle(() => fail(due, error)));
    answer.on("aborted", () => settle(() => fail(due, new Error("the answer was cut off"))));
    answer.on("end", () => settle(() => succeed(due, answer.statusCode ?? 0, Buffer.concat(chunks).toString().slice(0, BODY))));
  });
  const alarm = setTimeout(() => {
    settle(() => fail(due, new Error(`no answer in ${timeoutMs} ms`)));
    call.destroy();
  }, timeoutMs);
  call.on("error", (error) => settle(() => fail(due, error)));
  call.end();
}

function succeed(due: number, status: number, body: string): void {
  const now = Date.now();
  const key = `${status} ${body}`;
  const known = answers.get(key);
  if (known !== undefined) {
    known.count += 1;
    known.last = now;
  } else if (answers.size < KEPT_ANSWERS) answers.set(key, { status, body, count: 1, first: now, last: now });
  else unkept += 1;
  finish(due);
}

function fail(due: number, error: Error): void {
  errors += 1;
  const at = Date.now() - (performance.now() - due);
  failing = { first: Math.min(at, failing?.first ?? at), last: Math.max(at, failing?.last ?? at) };
  if (samples.length < KEPT_SAMPLES)
    samples.push({ at: Date.now(), reason: "code" in error ? `${error.code}: ${error.message}` : error.message });
  finish(due);
}

function finish(due: number): void {
  latencies.push(performance.now() - due);
  ended += 1;
  for (const { id } of waiting.filter(({ until }) => until <= ended)) parentPort?.postMessage({ ended: id } satisfies LoadNews);
  waiting = waiting.filter(({ until }) => until > ended);
  if (stopping) reportIfDone();
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  clearInterval(timer);
  reportIfDone();
}

function reportIfDone(): void {
  if (ended < sent) return;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(latencies[Math.floor((latencies.length - 1) * share)] ?? 0);
  const latency = { p50: at(0.5), p99: at(0.99), max: at(1) };
  parentPort?.postMessage({
    sent,
    answers: [...answers.values()],
    unkept,
    errors,
    failing,
    samples,
    latency,
  } satisfies LoadTally);
  agent.destroy();
  parentPort?.close();
}
