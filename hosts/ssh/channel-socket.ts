import { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";

/** Opens the channel under a socket; the signal aborts when it is no longer needed. */
export type OpenChannel = (socket: ChannelSocket, signal: AbortSignal) => Promise<ClientChannel>;

/**
 * An SSH channel that behaves like a `net.Socket`, for `node:http` and for a connection through a jump host.
 * It opens by itself; writes before that are queued.
 */
export class ChannelSocket extends Duplex {
  readonly #open: OpenChannel;
  readonly #drained: () => Promise<void> | undefined;
  readonly #abort = new AbortController();
  #channel: ClientChannel | undefined;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #idleLimit = 0;

  /** @param drained what a write waits for before the channel gets it; `undefined`: there is room now */
  constructor(open: OpenChannel, drained: () => Promise<void> | undefined = () => undefined) {
    super({ allowHalfOpen: true });
    this.#open = open;
    this.#drained = drained;
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.#open(this, this.#abort.signal).then(
      (channel) => {
        this.#attach(channel);
        done();
      },
      (error: Error) => done(error),
    );
  }

  #attach(channel: ClientChannel): void {
    this.#channel = channel;
    channel.on("data", (data: Buffer) => {
      this.#touch();
      // A destroyed socket accepts no data, and a paused channel would never report its end.
      if (!this.push(data) && !this.destroyed) channel.pause();
    });
    channel.on("end", () => this.push(null));
    channel.on("error", (error: Error) => this.destroy(error));
    channel.on("close", () => {
      this.#closed = true;
      if (!this.destroyed) this.end();
    });
  }

  override _read(): void {
    this.#channel?.resume();
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#touch();
    const waiting = this.#drained();
    if (waiting === undefined) this.#pass(data, done);
    else void waiting.then(() => this.#pass(data, done));
  }

  #pass(data: Buffer, done: (error?: Error | null) => void): void {
    // ssh2 never calls back for a write to a closed channel.
    if (this.#closed || this.#channel === undefined) done(new Error("the SSH channel is closed"));
    else this.#channel.write(data, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#closed) this.#channel?.end();
    done();
  }

  override destroy(error?: Error): this {
    if (this.#channel === undefined) this.#abort.abort(error ?? new Error("the socket was closed"));
    return super.destroy(error);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    // Unread data would keep ssh2 from reporting the end of the channel.
    this.#channel?.resume();
    this.#channel?.close();
    done(error);
  }

  setTimeout(limit: number, listener?: () => void): this {
    this.#idleLimit = limit;
    if (listener !== undefined && limit > 0) this.once("timeout", listener);
    this.#touch();
    return this;
  }

  #touch(): void {
    clearTimeout(this.#timer);
    if (this.#idleLimit > 0 && !this.destroyed) this.#timer = setTimeout(() => this.emit("timeout"), this.#idleLimit).unref();
  }

  /** No-ops: the caller that waits for an answer keeps the process alive, through `Connection.ref`. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}
