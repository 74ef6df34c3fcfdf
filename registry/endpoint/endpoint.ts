import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import type { Bytes } from "../../core/words.ts";
import { blobsOf, manifestsOf, type StoredImage } from "../store/image.ts";
import type { ImageStore } from "../store/store.ts";
import { type Answer, answerOf, type Content, type Served } from "./answer.ts";
import { Strangers } from "./strangers.ts";

/** Half of the best compression for a tenth of its time: a link of 100 Mbit/s is still the slower part. */
const LEVEL = constants.Z_BEST_SPEED;

/**
 * A read-only registry of images of the store, which has no port of its own: the holder of a stream to a client gives it to `accept`.
 *
 * @example
 * const endpoint = new Endpoint(store, [image], password);
 * await host.listen(23456, (socket) => endpoint.accept(socket));
 */
export class Endpoint {
  readonly #server: Server;
  readonly #store: ImageStore;
  readonly #served: Served;
  readonly #layers: ReadonlySet<string>;
  readonly #sent: (bytes: Bytes) => void;
  readonly #strangers = new Strangers();
  #requests = 0;
  #failure: unknown;

  /** @param sent called with further bytes of layers that were passed on */
  constructor(store: ImageStore, images: readonly StoredImage[], password: string, sent: (bytes: Bytes) => void = () => {}) {
    this.#store = store;
    this.#sent = sent;
    this.#layers = new Set(
      images.flatMap(({ platforms }) => platforms.flatMap(({ layers }) => layers.map(({ digest }) => digest))),
    );
    this.#served = {
      password,
      manifests: new Map(images.flatMap(manifestsOf).map((manifest) => [manifest.digest, manifest])),
      blobs: new Map(images.flatMap(blobsOf).map((blob) => [blob.digest, blob])),
    };
    const { createServer } = process.getBuiltinModule("node:http");
    // Without a listener for `clientError`, what is no HTTP, such as a TLS hello, is answered with HTTP/1.1 400. Docker 28 and 29 with
    // containerd's store try TLS first, and go on with HTTP only after such an answer.
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** How many requests came with the right password: none means that the client never got here. */
  get requests(): number {
    return this.#requests;
  }

  /** Why something could not be sent: the store has lost it, or cannot be read. A client that ends early is none. */
  get failure(): unknown {
    return this.#failure;
  }

  accept(stream: Duplex): void {
    this.#strangers.add(stream);
    this.#server.emit("connection", stream);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    try {
      const answer = answerOf({ method, url, headers }, this.#served);
      if (answer.status !== 401) {
        this.#requests += 1;
        this.#strangers.remove(request.socket);
      }
      response.writeHead(answer.status, answer.headers);
      await this.#send(answer, response);
    } catch (thrown) {
      // The connection ends before the length that was promised: the client, if it is still there, asks for the rest or fails.
      if (!isGone(thrown)) this.#failure = thrown;
      response.destroy();
    }
  }

  async #send({ body }: Answer, response: ServerResponse): Promise<void> {
    if (body === undefined || typeof body === "string") {
      response.end(body);
      return;
    }
    const content = this.#read(body);
    if (body.gzip) await pipeline(content, createGzip({ level: LEVEL }), response);
    else await pipeline(content, response);
  }

  async *#read({ blob, range }: Content): AsyncGenerator<Buffer> {
    const isLayer = this.#layers.has(blob.digest);
    for await (const part of this.#store.read(blob, range) as AsyncIterable<Buffer>) {
      if (isLayer) this.#sent(part.length);
      yield part;
    }
  }
}

const isGone = (thrown: unknown): boolean =>
  thrown instanceof Error && "code" in thrown && (thrown.code === "ERR_STREAM_PREMATURE_CLOSE" || thrown.code === "ECONNRESET");
