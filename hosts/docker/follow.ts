import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { Bytes } from "../../core/words.ts";
import { dialStream } from "./request.ts";
import { Demultiplexer, type OutputPart } from "./streams.ts";
import type { DockerTransport } from "./transport.ts";

/** One line that a container wrote. */
export interface LogLine {
  /** When Docker received it, by the host's clock: RFC 3339 in UTC with nanoseconds, so that sorting as text sorts by time. */
  readonly at: string;
  readonly from: OutputPart["from"];
  /** As it was written, including control characters. */
  readonly text: string;
}

export interface LogOptions {
  /** Wait for new lines while the container runs. */
  readonly follow: boolean;
  /** From this moment on, inclusive: RFC 3339. */
  readonly since?: string | undefined;
  /** At most this many of the last lines. */
  readonly tail?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A line that never ends must not fill our memory: it is split here. */
const MAX_LINE: Bytes = 1024 * 1024;

/** The lines of a container in the order in which Docker kept them. Ends when the container does, when Docker has no more lines, or on abort. */
export async function* logLines(transport: DockerTransport, id: string, options: LogOptions): AsyncGenerator<LogLine> {
  const { signal } = options;
  signal?.throwIfAborted();
  const stream = await transport.read("logs", (docker) => openLogs(docker, id, options), { pace: "follow" });
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

/** Parses a multiplexed stream with Docker's time stamps. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const demultiplexer = new Demultiplexer();
  const sides = { stdout: new Lines("stdout"), stderr: new Lines("stderr") };
  for await (const chunk of stream) for (const { from, data } of demultiplexer.add(chunk)) yield* sides[from].add(data);
  for (const { from, data } of demultiplexer.end()) yield* sides[from].add(data);
  yield* sides.stdout.end();
  yield* sides.stderr.end();
}

/** stdout or stderr of a container. Docker keeps a long line in pieces, each with its own time stamp. */
class Lines {
  readonly #from: LogLine["from"];
  #at = "";
  #text = "";

  constructor(from: LogLine["from"]) {
    this.#from = from;
  }

  *add(data: Buffer): Generator<LogLine> {
    const pieces = data.toString("utf8").split("\n");
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      if (isLast && piece === "") return;
      const [, at, text] = STAMPED.exec(piece) ?? [];
      this.#at ||= at ?? "";
      this.#text += text ?? piece;
      if (!isLast || this.#text.length > MAX_LINE) yield* this.end();
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

/** Docker omits trailing zeros. */
const nanoseconds = (at: string): string =>
  at.replace(/(?:\.(\d+))?Z$/, (_all, fraction: string | undefined) => `.${(fraction ?? "").padEnd(9, "0")}Z`);

function openLogs(docker: Dockerode, id: string, { follow, since, tail }: LogOptions): Promise<Readable> {
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    ...(since === undefined ? {} : { since: unixTime(since) }),
    ...(tail === undefined ? {} : { tail }),
  };
  const path = `/containers/${encodeURIComponent(id)}/logs?`;
  return dialStream(docker, { path, method: "GET", options, statusCodes: { 200: true } });
}

/** `1700000000.123456789`, the form that Docker takes; a JavaScript number would lose the last digits. */
export function unixTime(at: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(at) ?? [];
  return `${Math.floor(Date.parse(at) / 1000)}.${fraction.padEnd(9, "0")}`;
}
