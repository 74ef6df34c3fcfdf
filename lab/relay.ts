import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Milliseconds } from "../core/words.ts";
import { Passage } from "./passage.ts";
import { type Traffic, TrafficCount } from "./traffic.ts";
import type { Uplink } from "./uplink.ts";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP relay, on 127.0.0.1 by default, that can fail as networks do. */
export class Relay {
  readonly address: string;
  readonly port: number;
  readonly #to: { address: string; port: number };
  readonly #pairs = new Set<Pair>();
  readonly #stranded = new Set<Pair>();
  readonly #server: Server;
  readonly #count = new TrafficCount();
  #delay: Milliseconds = 0;
  #uplink: Uplink | undefined;
  #frozen = false;
  #forwarded: () => void = () => {};

  private constructor(server: Server, { address, port }: AddressInfo, to: { address: string; port: number }) {
    this.#server = server;
    this.address = address;
    this.port = port;
    this.#to = to;
    server.on("connection", (near) => this.#join(near));
  }

  /** @param on an address of this machine. @example await Relay.to({ address: host.address, port: 22 }) */
  static async to(target: { address: string; port: number }, on = "127.0.0.1"): Promise<Relay> {
    const server = createServer();
    server.listen(0, on);
    await once(server, "listening");
    server.unref();
    return new Relay(server, server.address() as AddressInfo, target);
  }

  /** Number of connections so far. */
  get connections(): number {
    return this.#count.total.connections;
  }

  /** What went through it so far. */
  get traffic(): Traffic {
    return this.#count.total;
  }

  /** Number of open connections. */
  get open(): number {
    return this.#pairs.size;
  }

  /** Resets all connections. New ones are accepted. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** From now on connections are refused; open ones continue. */
  refuse(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#server.listening) return resolve();
      // close() waits for open connections too; the port is free at once
      this.#server.close();
      resolve();
    });
  }

  /** Undoes `refuse`, on the same port. */
  async accept(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.port, this.address);
    await once(this.#server, "listening");
  }

  /** Resolves when bytes of a run have been forwarded to the host, before any answer to them. */
  forwarded(): Promise<void> {
    return new Promise((resolve) => {
      this.#forwarded = resolve;
    });
  }

  /** Every byte arrives this much later, in both directions, from now on. 0 ends it. */
  delay(ms: Milliseconds): void {
    this.#delay = ms;
  }

  /** What goes to the host from now on takes its turn on that line, which other relays may share. `undefined` ends it. */
  limit(uplink: Uplink | undefined): void {
    this.#uplink = uplink;
  }

  /** The network fails silently: bytes stop, without a reset. New connections get no answer either. */
  freeze(): void {
    this.#frozen = true;
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.pause();
  }

  /** The network works again; what was sent meanwhile arrives. */
  thaw(): void {
    this.#frozen = false;
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.resume();
  }

  /** The client is in another network from now on: of its open connections neither end hears anything any more. New ones work. */
  strand(): void {
    for (const pair of this.#pairs) {
      this.#stranded.add(pair);
      for (const socket of [pair.near, pair.far]) socket.pause();
    }
    this.#pairs.clear();
  }

  async close(): Promise<void> {
    for (const pair of this.#stranded) this.#pairs.add(pair);
    this.#stranded.clear();
    this.cut();
    await this.refuse();
  }

  #join(near: Socket): void {
    const { sent, received } = this.#count.connection();
    const far = connect({ host: this.#to.address, port: this.#to.port });
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) socket.setNoDelay(true);
    near.on("data", ({ length }: Buffer) => sent(length));
    const isFrozen = () => this.#frozen || this.#stranded.has(pair);
    const way = { delay: () => this.#delay, isFrozen };
    const up = new Passage(near, far, { ...way, uplink: () => this.#uplink, passed: () => this.#forwarded() });
    const down = new Passage(far, near, { ...way, arrives: received });
    const end = () => {
      if (this.#stranded.has(pair)) return;
      near.destroy();
      far.destroy();
      this.#pairs.delete(pair);
    };
    const ends = [
      [near, up],
      [far, down],
    ] as const;
    for (const [socket, passage] of ends) socket.on("error", end).on("close", () => isFrozen() || passage.afterAll(end));
    if (this.#frozen) for (const socket of [near, far]) socket.pause();
  }
}
