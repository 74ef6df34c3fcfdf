import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { HostName, Milliseconds, Seconds } from "../../core/words.ts";
import type { Access } from "./access.ts";
import type { Address } from "./address.ts";
import { ChannelSocket, type OpenChannel } from "./channel-socket.ts";
import { createShares, type Use } from "./channels.ts";
import { ConnectionLost } from "./connection-lost.ts";
import { dialTcp, handshake } from "./dial.ts";
import { jumpFailed, TransientDialError, timedOut } from "./dial-error.ts";
import { findHops, type Hop } from "./hop.ts";
import type { HostKey } from "./host-keys.ts";
import { roomOn } from "./line.ts";
import { listenOn } from "./remote-forward.ts";
import type { Trace } from "./trace.ts";

/** After three of these without an answer, the connection counts as lost. */
const KEEP_ALIVE_INTERVAL: Milliseconds = 10_000;
const KEEP_ALIVE_MISSES = 3;
/** Between two attempts to connect to a server that is starting or sheds load. */
const RETRY_INTERVAL: Milliseconds = 250;

/** Starts a channel on a client that is up. */
export type Start = (client: Client, done: (error: Error | undefined, channel: ClientChannel) => void) => void;

/** An open connection: the clients of all hops; the last one is the host's. */
interface Link {
  readonly client: Client;
  readonly clients: readonly Client[];
  /** The TCP socket underneath. */
  readonly socket: Socket;
  /** Called with the loss: one for each open channel. */
  readonly cuts: Set<(lost: ConnectionLost) => void>;
  beats: NodeJS.Timeout | undefined;
}

/** The one SSH connection to a host: opened on first use, reopened on the next use after a loss. An unused one does not keep the process alive. */
export class Connection {
  readonly #address: Address;
  readonly #access: Access;
  readonly #trace: Trace;
  readonly #shares = createShares();
  readonly #users = new Set<object>();
  #link: Promise<Link> | undefined;
  #up: Link | undefined;
  #lost: ConnectionLost | undefined;
  #offered: HostKey | undefined;

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

  /** How long Docker on this host may take for one answer. */
  get dockerTimeout(): Seconds {
    return this.#access.dockerTimeout;
  }

  /** Resolves when the connection is open. @param within default: the access's `connectTimeout` */
  async connect(within?: Seconds): Promise<void> {
    await this.#connected(within);
  }

  /** The key that the host showed last, trusted or not. */
  get offeredKey(): HostKey | undefined {
    return this.#offered;
  }

  /** The last loss. A caller compares it before and after a request to learn whether the connection was lost meanwhile. */
  get lastLoss(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** Grows with each change of the host, and with each lease. */
  get changes(): number {
    return this.#changes;
  }

  #changes = 0;

  /** Each call that changes the host passes here first. Throws as `requireLease` does. */
  admitChange(): void {
    this.requireLease();
    this.#changes += 1;
  }

  /** A lease is held: until then, others may have changed the host. */
  noteLease(): void {
    this.#changes += 1;
  }

  /** Set from the loss of a lease until its holder releases it. */
  #leaseLost: ConnectionLost | undefined;

  /** Throws if the lease of this host was lost. */
  requireLease(): void {
    if (this.#leaseLost !== undefined) throw this.#leaseLost;
  }

  /**
   * Another run may change the host from now on. The connection goes down with its lease, and does not come back before the holder
   * has released it: so a change that was sent under the lease, or waits for a channel, cannot reach the host without it.
   */
  loseLease(why: string): ConnectionLost {
    this.drop(why);
    this.#leaseLost = this.#lost ?? new ConnectionLost(this.host, why);
    return this.#leaseLost;
  }

  /** The holder knows that its lease is over. */
  forgetLease(): void {
    this.#leaseLost = undefined;
  }

  /**
   * Opens a channel when its use has a free share. `cut` is called if the connection is lost while the channel is open.
   * The share is released when the channel closes, or when `signal` aborts: sshd keeps a closed session until its command ends, and
   * a command that hangs must not block the others.
   */
  async open(
    use: Use,
    what: string,
    start: Start,
    cut: (lost: ConnectionLost) => void,
    signal?: AbortSignal,
  ): Promise<ClientChannel> {
    const release = await this.#shares[use].acquire(signal);
    const user = {};
    this.ref(user);
    const began = performance.now();
    try {
      const link = await this.#connected();
      signal?.throwIfAborted();
      const channel = await this.#start(link, start, (opened) => {
        const over = () => {
          link.cuts.delete(onCut);
          this.unref(user);
          release();
        };
        const onCut = (lost: ConnectionLost) => {
          over();
          cut(lost);
        };
        link.cuts.add(onCut);
        opened.once("close", over);
        signal?.addEventListener("abort", over, { once: true });
      });
      this.#trace.done({ host: this.host, kind: "channel", what, ms: performance.now() - began });
      // An idle keep-alive socket has a channel, but must not keep the process alive; a pending request has a ref of its own.
      if (use === "request") this.unref(user);
      return channel;
    } catch (error) {
      this.unref(user);
      release();
      throw error;
    }
  }

  /** A socket over its own channel. */
  socket(use: Use, what: string, start: Start): ChannelSocket {
    const open: OpenChannel = (socket, signal) => this.open(use, what, start, (lost) => socket.destroy(lost), signal);
    return new ChannelSocket(open, () => roomOn(this.#up?.socket));
  }

  /** Makes the host listen on its loopback while this connection lives: see `listenOn`. */
  async listen(port: number, accept: (stream: ChannelSocket) => void): Promise<number | undefined> {
    const link = await this.#connected();
    const bound = await listenOn(link.client, link.socket, port, accept);
    if (this.#up !== link) throw this.#lost ?? new ConnectionLost(this.host, "closed by the host");
    return bound;
  }

  /** `opened` runs synchronously: what the host sends next may be in the same packet. */
  #start(link: Link, start: Start, opened: (channel: ClientChannel) => void): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | undefined, channel: ClientChannel) => {
        if (error !== undefined) return reject(this.#up === link ? error : (this.#lost ?? error));
        opened(channel);
        resolve(channel);
      };
      try {
        start(link.client, done);
      } catch (error) {
        reject(new ConnectionLost(this.host, messageOf(error), { cause: error }));
      }
    });
  }

  /** The connection keeps the process alive while it has a user. */
  ref(user: object): void {
    this.#users.add(user);
    this.#up?.socket.ref();
  }

  unref(user: object): void {
    this.#users.delete(user);
    if (this.#users.size === 0) this.#up?.socket.unref();
  }

  /** Ends the connection at once; everything in flight rejects with `why`. */
  drop(why: string): void {
    if (this.#up !== undefined) this.#loss(this.#up, why);
  }

  async close(): Promise<void> {
    const link = await this.#link?.catch(() => undefined);
    if (link === undefined || this.#up !== link) return;
    const closed = new Promise((resolve) => link.socket.once("close", resolve));
    this.#loss(link, "closed by us");
    await closed;
  }

  async #connected(within = this.#access.connectTimeout): Promise<Link> {
    this.requireLease();
    this.#link ??= this.#dial({ ...this.#access, connectTimeout: within }).catch((error) => {
      this.#link = undefined;
      throw error;
    });
    return this.#link;
  }

  async #dial(access: Access): Promise<Link> {
    const user = {};
    this.ref(user);
    try {
      await access.before?.();
      const began = performance.now();
      const link = await this.#dialUntil(Deadline.in(access.connectTimeout), access);
      this.#up = link;
      this.#watch(link);
      this.#trace.done({ host: this.host, kind: "connect", what: "ssh", ms: performance.now() - began });
      return link;
    } finally {
      this.unref(user);
    }
  }

  /** Retries transient failures: always if the server closes early, and a refused connection only after a loss. */
  async #dialUntil(deadline: Deadline, access: Access): Promise<Link> {
    const hops = await findHops(this.#address, access);
    for (;;) {
      try {
        return await this.#dialOnce(hops, deadline, access);
      } catch (error) {
        if (!(error instanceof TransientDialError)) throw error;
        const refusedAtFirst = this.#lost === undefined && error.refused;
        if (refusedAtFirst || deadline.remaining < RETRY_INTERVAL) throw error.story;
        await sleep(RETRY_INTERVAL);
      }
    }
  }

  async #dialOnce(hops: readonly Hop[], deadline: Deadline, access: Access): Promise<Link> {
    const clients: Client[] = [];
    let tcp: Socket | undefined;
    try {
      let socket: Duplex | undefined;
      for (const hop of hops) {
        const previous: Client | undefined = clients.at(-1);
        if (previous === undefined) {
          tcp = await dialTcp(hop, deadline, access);
          socket = tcp;
        } else {
          const late = () => timedOut(hop, access.connectTimeout, "the jump host cannot reach it");
          const channel = await deadline.race(through(previous, hop), late);
          socket = new ChannelSocket(async () => channel);
        }
        const seen = (key: HostKey) => {
          if (!hop.isJump) this.#offered = key;
        };
        clients.push(await handshake(hop, socket, deadline, access, seen));
      }
      const client = clients.at(-1);
      if (client === undefined || tcp === undefined) throw new Error("a route without a hop");
      return { client, clients, socket: tcp, cuts: new Set(), beats: undefined };
    } catch (error) {
      for (const client of clients) client.on("error", () => {}).destroy();
      tcp?.on("error", () => {}).destroy();
      throw error;
    }
  }

  #watch(link: Link): void {
    let why = "closed by the host";
    for (const client of link.clients) {
      client.on("error", (error: Error) => {
        why = error.message;
      });
      client.once("close", () => this.#loss(link, why));
    }
    if (link.socket.destroyed || !link.socket.writable) this.#loss(link, why);
    else this.#beat(link);
  }

  /** ssh2's own keep-alive would keep the process alive. A refused global request is an answer, too. */
  #beat(link: Link): void {
    let unanswered = 0;
    link.beats = setInterval(() => {
      if (unanswered >= KEEP_ALIVE_MISSES)
        return this.#loss(link, `no answer in ${(KEEP_ALIVE_INTERVAL * KEEP_ALIVE_MISSES) / 1000} s`);
      unanswered += 1;
      try {
        link.client.unforwardIn("127.0.0.1", 1, () => {
          unanswered = 0;
        });
      } catch (error) {
        this.#loss(link, messageOf(error));
      }
    }, KEEP_ALIVE_INTERVAL).unref();
  }

  #loss(link: Link, why: string): void {
    clearInterval(link.beats);
    if (this.#up === link) {
      this.#lost = new ConnectionLost(this.host, why);
      this.#up = undefined;
      this.#link = undefined;
    }
    const lost = this.#lost ?? new ConnectionLost(this.host, why);
    for (const cut of [...link.cuts]) cut(lost);
    for (const client of link.clients.toReversed()) client.destroy();
    link.socket.destroy();
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
