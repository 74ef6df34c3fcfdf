import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { Demultiplexer, type OutputPart } from "./streams.ts";
import type { DockerEngine } from "./transport.ts";

/** One line that a container wrote. */
export interface LogLine {
  /** When Docker got it, by the host's clock: RFC 3339 in UTC, nine digits of a second, so that text order is the order in time. */
  readonly at: string;
  readonly from: OutputPart["from"];
  /** As it was written, control characters too. */
  readonly text: string;
}

export interface LogOptions {
  /** Whether new lines are waited for while the container runs. */
  readonly follow: boolean;
  /** From this moment on, itself included: RFC 3339. */
  readonly since?: string | undefined;
  /** At most this many of the last ones. */
  readonly tail?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A line that never ends must not fill our memory. */
const LONGEST = 1024 * 1024;

/** The lines of a container in the order in which Docker kept them. Ends with the container, or when Docker has no more; an abort ends it, too. */
export async function* logLines(engine: DockerEngine, id: string, options: LogOptions): AsyncGenerator<LogLine> {
  const { signal } = options;
  signal?.throwIfAborted();
  const stream = await engine.look("logs", (docker) => openLogs(docker, id, options), "follow");
  const end = () => stream.destroy();
  signal?.addEventListener("abort", end, { once: true });
  try {
    yield* linesOf(stream);
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", end);
    stream.destroy();
  }
}

/** Takes a multiplexed stream with Docker's time stamps apart. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const demultiplexer = new Demultiplexer();
  const sides = { stdout: new Lines("stdout"), stderr: new Lines("stderr") };
  for await (const chunk of stream) for (const { from, data } of demultiplexer.add(chunk)) yield* sides[from].add(data);
  for (const { from, data } of demultiplexer.end()) yield* sides[from].add(data);
  yield* sides.stdout.end();
  yield* sides.stderr.end();
}

/** One side of a container's output. Docker keeps long lines in pieces, each with a time stamp of its own. */
class Lines {
  readonly #from: LogLine["from"];
  #at = "";
  #text = "";

  constructor(from: LogLine["from"]) {
    this.#from = from;
  }

  *add(data: Buffer): Generator<LogLine> {
    const pieces = data.toString("utf8").split("\n");
    for (const [place, piece] of pieces.entries()) {
      const isLast = place === pieces.length - 1;
      if (isLast && piece === "") return;
      const [, at, text] = STAMPED.exec(piece) ?? [];
      this.#at ||= at ?? "";
      this.#text += text ?? piece;
      if (!isLast || this.#text.length > LONGEST) yield* this.end();
    }
  }

  *end(): Generator<LogLine> {
    if (this.#at === "" && this.#text === "") return;
    yield { at: nanoseconds(this.#at), from: this.#from, text: this.#text.replace(/\r$/, "") };
    this.#at = "";
    this.#text = "";
  }
}

const STAMPED = /^(\d{4}-\d\d-\d\dT\S+) ?(.*)$/s;

/** Docker leaves zeros at the end out. */
const nanoseconds = (at: string): string =>
  at.replace(/(?:\.(\d+))?Z$/, (_all, fraction: string | undefined) => `.${(fraction ?? "").padEnd(9, "0")}Z`);

function openLogs(docker: Dockerode, id: string, { follow, since, tail }: LogOptions): Promise<Readable> {
  const query = {
    ...{ stdout: true, stderr: true, timestamps: true, follow },
    ...(since === undefined ? {} : { since: unixTime(since) }),
    ...(tail === undefined ? {} : { tail }),
  };
  const path = `/containers/${encodeURIComponent(id)}/logs?`;
  const request = { path, method: "GET", options: query, isStream: true, statusCodes: { 200: true } };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Readable)));
  });
}

/** `1700000000.123456789`, which is what Docker takes; a number of JavaScript would lose the last digits. */
export function unixTime(at: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(at) ?? [];
  return `${Math.floor(Date.parse(at) / 1000)}.${fraction.padEnd(9, "0")}`;
}
