import { StringDecoder } from "node:string_decoder";
import { printable } from "../../core/text.ts";
import type { Bytes } from "../../core/words.ts";
import { BoundedOutput, OutputTail } from "../ssh/bounded-output.ts";
import { LoadLine, PullLine } from "./answers.ts";

/** A piece of a container's output. */
export interface OutputPart {
  readonly from: "stdout" | "stderr";
  readonly data: Buffer;
}

const MAX_FRAME: Bytes = 1024 * 1024;

/** Parses Docker's multiplexed output: a header of 8 bytes (stream, 3 × 0, length), then the data. Output of a terminal has no headers. */
export class Demultiplexer {
  #rest: Buffer = Buffer.alloc(0);
  #raw = false;
  #open: { readonly from: OutputPart["from"]; readonly left: Bytes } | undefined;

  add(chunk: Buffer): OutputPart[] {
    if (this.#raw) return [{ from: "stdout", data: chunk }];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const parts: OutputPart[] = this.#goOn();
    while (this.#open === undefined && this.#rest.length >= 8) {
      const [stream = 255] = this.#rest;
      if (stream > 2 || this.#rest.readUIntBE(1, 3) !== 0) {
        this.#raw = true;
        parts.push({ from: "stdout", data: this.#rest });
        this.#rest = Buffer.alloc(0);
        return parts;
      }
      const end = 8 + this.#rest.readUInt32BE(4);
      const from = stream === 2 ? "stderr" : "stdout";
      if (this.#rest.length < end) {
        // A long frame is passed on in parts: its header says up to 4 GB.
        if (this.#rest.length > MAX_FRAME) this.#open = { from, left: end - 8 };
        if (this.#open === undefined) break;
        this.#rest = this.#rest.subarray(8);
        parts.push(...this.#goOn());
        continue;
      }
      parts.push({ from, data: this.#rest.subarray(8, end) });
      this.#rest = this.#rest.subarray(end);
    }
    return parts;
  }

  /** What there is of a long frame. */
  #goOn(): OutputPart[] {
    const open = this.#open;
    if (open === undefined || this.#rest.length === 0) return [];
    const data = this.#rest.subarray(0, open.left);
    this.#rest = this.#rest.subarray(data.length);
    this.#open = open.left === data.length ? undefined : { ...open, left: open.left - data.length };
    return [{ from: open.from, data }];
  }

  /** The rest at the end of the stream: a terminal's output that is shorter than a header. */
  end(): OutputPart[] {
    return this.#rest.length === 0 ? [] : [{ from: "stdout", data: this.#rest }];
  }
}

/** The same content; `renew` is called for each part. */
export async function* renewing(stream: AsyncIterable<Buffer>, renew: () => void): AsyncGenerator<Buffer> {
  for await (const part of stream) {
    renew();
    yield part;
  }
}

/** Reads a multiplexed stream to its end; stdout and stderr are bounded each. Of long stderr the end is kept: it has the error. */
export async function readOutput(stream: AsyncIterable<Buffer>): Promise<{ stdout: string; stderr: string }> {
  const sides = { stdout: new BoundedOutput(), stderr: new OutputTail() };
  const demultiplexer = new Demultiplexer();
  for await (const chunk of stream) for (const { from, data } of demultiplexer.add(chunk)) sides[from].add(data);
  for (const { from, data } of demultiplexer.end()) sides[from].add(data);
  return { stdout: sides.stdout.text, stderr: sides.stderr.text };
}

/** Reads a multiplexed stream as one list of lines, in the order in which Docker kept them. Of a long one, the end: it has the error. */
export async function readLines(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const demultiplexer = new Demultiplexer();
  const all = new OutputTail();
  for await (const chunk of stream) for (const { data } of demultiplexer.add(chunk)) all.add(data);
  for (const { data } of demultiplexer.end()) all.add(data);
  const lines = all.text.split("\n").map(printable);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const MAX_LINE = 1024 * 1024;

/** The values of a stream of JSON lines. */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) throw new Error("Docker sent a line without an end");
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}

/** Follows a pull to its end. Docker answers 200 at the start and reports a failure only in the stream. */
export async function followPull(
  stream: AsyncIterable<Buffer>,
  progress: (sum: { current: number; total: number }) => void,
): Promise<void> {
  const layers = new Map<string, { current: number; total: number }>();
  for await (const value of jsonLines(stream)) {
    const { error, id, status, progressDetail } = PullLine.parse(value);
    if (error !== undefined) throw new Error(error);
    if (id === undefined) continue;
    const known = layers.get(id);
    if (status === "Downloading" && progressDetail?.total !== undefined)
      layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
    else if (known !== undefined && (status === "Download complete" || status === "Pull complete"))
      layers.set(id, { ...known, current: known.total });
    else continue;
    const all = [...layers.values()];
    progress({ current: sum(all.map(({ current }) => current)), total: sum(all.map(({ total }) => total)) });
  }
}

/** Follows a load to its end. With containerd's store, an image that cannot be unpacked is reported as an ordinary line. */
export async function followLoad(stream: AsyncIterable<Buffer>): Promise<void> {
  for await (const value of jsonLines(stream)) {
    const { error, stream: line = "" } = LoadLine.parse(value);
    if (error !== undefined) throw new Error(error);
    if (/error unpacking/i.test(line)) throw new Error(line.trim());
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0);
