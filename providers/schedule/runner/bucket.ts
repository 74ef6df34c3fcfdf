import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { AwsClient } from "aws4fetch";
import type { S3Bucket } from "../../../core/schedule/store.ts";
import type { BackupStore, StoredFile } from "./backup-store.ts";
import { messageOf } from "./print.ts";

const MIB = 1024 * 1024;
/** S3 requires parts of at least 5 MiB and allows 10,000 of them: their size doubles every so many parts. */
const PART = 8 * MIB;
const DOUBLE_AFTER = 1000;
/** Long enough for a part of the largest size. */
const REQUEST_TIMEOUT_MS = 10 * 60_000;
const TRIES = 5;
const FIRST_RETRY_DELAY_MS = 200;

/** The size of the n-th part, counted from 0. */
export const partSize = (nth: number): number => PART * 2 ** Math.floor(nth / DOUBLE_AFTER);

interface Part {
  readonly number: number;
  readonly etag: string;
}

/** A folder in a bucket of an S3-compatible store. An incomplete upload is aborted, so that it is neither visible nor billed. */
export class Bucket implements BackupStore {
  readonly #client: AwsClient;
  readonly #base: string;
  readonly #folder: string;

  /** @param name of the folder, behind the prefix */
  constructor({ endpoint, region, bucket, prefix, accessKey, secretKey }: S3Bucket, name: string) {
    const keys = { accessKeyId: accessKey, secretAccessKey: secretKey };
    this.#client = new AwsClient({ ...keys, region, service: "s3", retries: TRIES, initRetryMs: FIRST_RETRY_DELAY_MS });
    this.#base = `${endpoint.replace(/\/+$/, "")}/${bucket}`;
    this.#folder = [...prefix.split("/").filter((part) => part !== ""), name, ""].join("/");
  }

  async list(): Promise<StoredFile[]> {
    const found: StoredFile[] = [];
    let next: string | undefined;
    do {
      const query = { "list-type": "2", prefix: this.#folder, ...(next === undefined ? {} : { "continuation-token": next }) };
      const xml = await this.#text("GET", `?${new URLSearchParams(query)}`);
      for (const [, content = ""] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs))
        found.push({ file: tag(content, "Key").slice(this.#folder.length), bytes: Number(tag(content, "Size")) });
      const after = tag(xml, "IsTruncated") === "true" ? tag(xml, "NextContinuationToken") : undefined;
      if (after !== undefined && after === next) throw new Error("the store's list does not end: it repeats a page");
      next = after;
    } while (next);
    return found.filter(({ file }) => !file.includes("/"));
  }

  async store(file: string, content: Readable, requireComplete: () => Promise<void>): Promise<number> {
    const parts = inParts(content);
    const first = await parts.next();
    const one = first.done ? Buffer.alloc(0) : first.value;
    if (one.length < partSize(0)) {
      await requireComplete();
      await this.#text("PUT", this.#key(file), one);
      return one.length;
    }
    return this.#upload(file, one, parts, requireComplete);
  }

  async put(file: string, text: string): Promise<void> {
    await this.#text("PUT", this.#key(file), Buffer.from(text));
  }

  async open(file: string, wanted?: string): Promise<{ readonly content: Readable; readonly version: string }> {
    const { body, headers } = await this.#ask("GET", this.#key(file), undefined, wanted ? { "If-Match": wanted } : {});
    const content = body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream<Uint8Array>);
    return { content, version: headers.get("etag") ?? "" };
  }

  async remove(file: string): Promise<void> {
    await this.#text("DELETE", this.#key(file));
  }

  async #upload(file: string, first: Buffer, rest: AsyncIterable<Buffer>, requireComplete: () => Promise<void>): Promise<number> {
    const key = this.#key(file);
    const upload = tag(await this.#text("POST", `${key}?uploads=`), "UploadId");
    if (upload === "") throw new Error("the store did not start an upload");
    const ofUpload = (query: Record<string, string> = {}) => `${key}?${new URLSearchParams({ ...query, uploadId: upload })}`;
    try {
      const parts: Part[] = [];
      let bytes = 0;
      const send = async (body: Buffer) => {
        const number = parts.length + 1;
        const answer = await this.#ask("PUT", ofUpload({ partNumber: String(number) }), body);
        await answer.arrayBuffer();
        parts.push({ number, etag: answer.headers.get("etag") ?? "" });
        bytes += body.length;
      };
      await send(first);
      for await (const part of rest) await send(part);
      await requireComplete();
      const answer = await this.#text("POST", ofUpload(), Buffer.from(completion(parts)));
      // The status is 200 even if completing fails.
      if (answer.includes("<Error>")) throw new Error(`the store did not complete the upload: ${faultIn(answer)}`);
      return bytes;
    } catch (thrown) {
      await this.#text("DELETE", ofUpload()).catch((left: unknown) => {
        throw new Error(`${messageOf(thrown)}; and the incomplete upload was not aborted: ${messageOf(left)}`);
      });
      throw thrown;
    }
  }

  #key(file: string): string {
    return `/${this.#folder}${file}`;
  }

  async #text(method: string, path: string, body?: Buffer): Promise<string> {
    return (await this.#ask(method, path, body)).text();
  }

  async #ask(method: string, path: string, body?: Buffer, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const headers = {
      ...more,
      "X-Amz-Content-Sha256": createHash("sha256")
        .update(body ?? "")
        .digest("hex"),
    };
    const url = `${this.#base}${path}`;
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const answer = await this.#client.fetch(url, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    if (answer.ok) return answer;
    throw new Error(
      `${method} ${new URL(url).pathname}: the store answered ${answer.status} ${faultIn(await answer.text())}`.trim(),
    );
  }
}

/** Splits a stream into parts; the last one may be smaller. */
async function* inParts(content: Readable): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let nth = 0;
  for await (const piece of content as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    while (bytes >= partSize(nth)) {
      const all = Buffer.concat(pieces);
      const size = partSize(nth++);
      yield all.subarray(0, size);
      pieces = [all.subarray(size)];
      bytes = all.length - size;
    }
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}

const completion = (parts: readonly Part[]): string =>
  `<CompleteMultipartUpload>${parts
    .map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag></Part>`)
    .join("")}</CompleteMultipartUpload>`;

const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'" };

/** The text of an element without children; empty if it is missing. */
function tag(xml: string, name: string): string {
  const [, text = ""] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity);
}

const faultIn = (xml: string): string => [tag(xml, "Code"), tag(xml, "Message")].filter((text) => text !== "").join(": ");
