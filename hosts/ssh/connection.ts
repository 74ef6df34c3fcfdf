import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { HostName, Milliseconds, Seconds } from "../../core/words.ts";
import type { Access } from "./access.ts";
import type { Address } from "./address.ts";
import { ChannelSocket } from "./channel-socket.ts";
import { sharesOf, type Use } from "./channels.ts";
import { ConnectionLost } from "./connection-lost.ts";
import { dialTcp, greet } from "./dial.ts";
import { jumpFailed, TryAgain, timedOut } from "./dial-error.ts";
import { findWay, type Hop } from "./hop.ts";
import type { Trace } from "./trace.ts";

/** Three of these without an answer, and the connection counts as lost. */
const KEEP_ALIVE: Milliseconds = 10_000;
const KEEP_ALIVE_MISSES = 3;
/** Between two tries to connect to a server that is just starting or sheds load. */
const BETWEEN_TRIES: Milliseconds = 250;

/** Starts a channel on a client that is up. */
export type Start = (client: Client, done: (error: Error | undefined, channel: ClientChannel) => void) => void;

/** A connection that is up: the clients of all hops, the last one is the host's. */
interface Line {
  readonly client: Client;
  readonly clients: readonly Client[];
  /** The TCP socket under it all. */
  readonly socket: Socket;
  /** What to tell those who are in the middle of something. */
  readonly cuts: Set<(lost: ConnectionLost) => void>;
  beats: NodeJS.Timeout | undefined;
}

/** The one SSH connection to a host: made on first use, made again on the next use after a loss, and never alive for its own sake. */
export class Connection {
  readonly #address: Address;
  readonly #access: Access;
  readonly #trace: Trace;
  readonly #turns = sharesOf();
  readonly #users = new Set<object>();
  #line: Promise<Line> | undefined;
  #up: Line | undefined;
  #lost: ConnectionLost | undefined;

  constructor(address: Address, access: Access, trace: Trace) {
    this.#address = address;
    this.#access = access;
    this.#trace = trace;
  }

  get host(): HostName {
    return this.#address.name;
  }

  get user(): string {
    return this.#address.user;
  }

  /** Resolves when the connection is up. @param within what it may take; what the access says unless told otherwise */
  async connect(within?: Seconds): Promise<void> {
    await this.#connected(within);
  }

  /** The last loss; a caller that was in flight compares it with the one it saw before. */
  get lastLoss(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** Set while somebody still believes to hold the lease of this host, and has lost it. */
  leaseLoss: ConnectionLost | undefined;

  /** The next call connects anew, by itself: a change must not reach the host that way while somebody else may hold its lease. */
  requireLease(): void {
    if (this.leaseLoss !== undefined) throw this.leaseLoss;
  }

  /**
   * Opens a channel when its use has a turn. `cut` hears of the loss of the connection while the channel is open.
   * The turn ends with the channel, or when `signal` says that nobody wants it any more: sshd keeps a closed session until its
   * command ends, and a command that hangs must not block the others.
   */
  async open(
    use: Use,
    what: string,
    start: Start,
    cut: (lost: ConnectionLost) => void,
    signal?: AbortSignal,
  ): Promise<ClientChannel> {
    const endTurn = await this.#turns[use].take(signal);
    const user = {};
    this.hold(user);
    const began = performance.now();
    try {
      const line = await this.#connected();
      signal?.throwIfAborted();
      const channel = await this.#start(line, start, (opened) => {
        const over = () => {
          line.cuts.delete(onCut);
          this.letGo(user);
          endTurn();
        };
        const onCut = (lost: ConnectionLost) => {
          over();
          cut(lost);
        };
        line.cuts.add(onCut);
        opened.once("close", over);
        signal?.addEventListener("abort", over, { once: true });
      });
      this.#trace.done({ host: this.host, kind: "channel", what, ms: performance.now() - began });
      // An idle keep-alive socket holds a channel, but not the process; who waits for an answer holds by itself.
      if (use === "request") this.letGo(user);
      return channel;
    } catch (error) {
      this.letGo(user);
      endTurn();
      throw error;
    }
  }

  /** A socket over a channel of its own. */
  socket(use: Use, what: string, start: Start): ChannelSocket {
    return new ChannelSocket((socket, signal) => this.open(use, what, start, (lost) => socket.destroy(lost), signal));
  }

  /** `opened` runs at once: what the host sends right after may be in the same packet. */
  #start(line: Line, start: Start, opened: (channel: ClientChannel) => void): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | undefined, channel: ClientChannel) => {
        if (error !== undefined) return reject(this.#up === line ? error : (this.#lost ?? error));
        opened(channel);
        resolve(channel);
      };
      try {
        start(line.client, done);
      } catch (error) {
        reject(new ConnectionLost(this.host, messageOf(error), { cause: error }));
      }
    });
  }

  /** While anybody holds the connection, it keeps the process alive. */
  hold(user: object): void {
    this.#users.add(user);
    this.#up?.socket.ref();
  }

  letGo(user: object): void {
    this.#users.delete(user);
    if (this.#users.size === 0) this.#up?.socket.unref();
  }

  /** Ends the connection at once; who is in flight hears `why`. */
  drop(why: string): void {
    if (this.#up !== undefined) this.#loss(this.#up, why);
  }

  async close(): Promise<void> {
    const line = await this.#line?.catch(() => undefined);
    if (line === undefined || this.#up !== line) return;
    const closed = new Promise((resolve) => line.socket.once("close", resolve));
    this.#loss(line, "closed by us");
    await closed;
  }

  #connected(within = this.#access.connectTimeout): Promise<Line> {
    this.#line ??= this.#dial({ ...this.#access, connectTimeout: within }).catch((error) => {
      this.#line = undefined;
      throw error;
    });
    return this.#line;
  }

  async #dial(access: Access): Promise<Line> {
    const user = {};
    this.hold(user);
    const began = performance.now();
    try {
      const line = await this.#dialUntil(Deadline.in(access.connectTimeout), access);
      this.#up = line;
      this.#watch(line);
      this.#trace.done({ host: this.host, kind: "connect", what: "ssh", ms: performance.now() - began });
      return line;
    } finally {
      this.letGo(user);
    }
  }

  /** Tries again what may pass: always when the server closes early, and a refusal when the server was there before. */
  async #dialUntil(deadline: Deadline, access: Access): Promise<Line> {
    const way = await findWay(this.#address, access);
    for (;;) {
      try {
        return await this.#dialOnce(way, deadline, access);
      } catch (error) {
        if (!(error instanceof TryAgain)) throw error;
        const refusedAtFirst = this.#lost === undefined && error.refused;
        if (refusedAtFirst || deadline.remaining < BETWEEN_TRIES) throw error.story;
        await sleep(BETWEEN_TRIES);
      }
    }
  }

  async #dialOnce(way: readonly Hop[], deadline: Deadline, access: Access): Promise<Line> {
    const clients: Client[] = [];
    let tcp: Socket | undefined;
    try {
      let socket: Duplex | undefined;
      for (const hop of way) {
        const previous: Client | undefined = clients.at(-1);
        if (previous === undefined) {
          tcp = await dialTcp(hop, deadline, access);
          socket = tcp;
        } else {
          const late = () => timedOut(hop, access.connectTimeout, "the jump host cannot reach it");
          const channel = await deadline.race(through(previous, hop), late);
          socket = new ChannelSocket(async () => channel);
        }
        clients.push(await greet(hop, socket, deadline, access));
      }
      const client = clients.at(-1);
      if (client === undefined || tcp === undefined) throw new Error("a way without a hop");
      return { client, clients, socket: tcp, cuts: new Set(), beats: undefined };
    } catch (error) {
      for (const client of clients) client.on("error", () => {}).destroy();
      tcp?.on("error", () => {}).destroy();
      throw error;
    }
  }

  #watch(line: Line): void {
    let why = "closed by the host";
    for (const client of line.clients) {
      client.on("error", (error: Error) => {
        why = error.message;
      });
      client.once("close", () => this.#loss(line, why));
    }
    if (line.socket.destroyed || !line.socket.writable) this.#loss(line, why);
    else this.#beat(line);
  }

  /** ssh2's own keep-alive holds the process alive. A refused global request proves life as well as a granted one. */
  #beat(line: Line): void {
    let unanswered = 0;
    line.beats = setInterval(() => {
      if (unanswered >= KEEP_ALIVE_MISSES) return this.#loss(line, `no answer in ${(KEEP_ALIVE * KEEP_ALIVE_MISSES) / 1000} s`);
      unanswered += 1;
      try {
        line.client.unforwardIn("127.0.0.1", 1, () => {
          unanswered = 0;
        });
      } catch (error) {
        this.#loss(line, messageOf(error));
      }
    }, KEEP_ALIVE).unref();
  }

  #loss(line: Line, why: string): void {
    clearInterval(line.beats);
    if (this.#up === line) {
      this.#lost = new ConnectionLost(this.host, why);
      this.#up = undefined;
      this.#line = undefined;
    }
    const lost = this.#lost ?? new ConnectionLost(this.host, why);
    for (const cut of [...line.cuts]) cut(lost);
    for (const client of line.clients.toReversed()) client.destroy();
    line.socket.destroy();
  }
}

/** A channel through a jump host to the next hop. */
function through(client: Client, hop: Hop): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, hop.address, hop.port, (error, channel) =>
      error ? reject(jumpFailed(hop, error.message)) : resolve(channel),
    );
  });
}
