import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PRESETS } from "../../core/accessory/preset.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { Access, Host, Hosts } from "../../hosts/index.ts";
import { hostsAt } from "../stack/access.ts";
import type { DeclaredAccessory } from "../stack/accessories.ts";
import { notice } from "../terminal/failure.ts";
import { Targets } from "./target.ts";
import { urlOf } from "./url.ts";

export interface TunnelOptions {
  /** On this machine. */
  readonly port: number | undefined;
  /** In the container. */
  readonly to: number | undefined;
}

const LOOPBACK = "127.0.0.1";
/** How long a client waits for a container that is being replaced. */
const CLIENT_TIMEOUT: Seconds = 30;
const CONNECT_TIMEOUT: Seconds = 10;
/** A server that has just started may not listen yet. After this it counts as down. */
const REFUSAL_TIMEOUT: Seconds = 5;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A port of this machine that leads into an accessory's container, through the one SSH connection to its host. */
export class TunnelRun {
  readonly #place: DeclaredAccessory;
  readonly #hosts: Hosts;
  readonly #host: Host;
  readonly #port: number | undefined;
  readonly #to: number;
  readonly #targets: Targets;
  readonly #stop = new AbortController();
  readonly #clients = new Set<Socket>();

  constructor(place: DeclaredAccessory, access: Access, { port, to }: TunnelOptions) {
    this.#place = place;
    this.#to = to ?? portOf(place);
    this.#port = port;
    this.#hosts = hostsAt(access);
    this.#host = this.#hosts.at(place.host);
    this.#targets = new Targets(place, this.#host, notice);
  }

  /** Listens until Ctrl-C; rejects when the host stays unreachable. */
  async run(): Promise<void> {
    let server: Server | undefined;
    try {
      const { address } = await this.#targets.find();
      server = await this.#listen();
      // Not earlier: until then there is nothing to clean up.
      for (const signal of SIGNALS) process.once(signal, () => this.#stop.abort());
      const { port } = server.address() as AddressInfo;
      const { accessory, container } = this.#place;
      notice(`${accessory} on ${this.#host.name} (${container}, ${address}:${this.#to}) is at ${LOOPBACK}:${port} until Ctrl-C`);
      console.info(urlOf(this.#place, port, this.#to));
      await this.#targets.follow(this.#stop.signal);
    } finally {
      this.#stop.abort();
      server?.close();
      for (const client of this.#clients) client.destroy();
      await this.#hosts.close();
    }
  }

  async #listen(): Promise<Server> {
    if (this.#port !== undefined) return this.#listenAt(this.#port);
    try {
      return await this.#listenAt(this.#to);
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError)) throw thrown;
      const server = await this.#listenAt(0);
      notice(`${LOOPBACK}:${this.#to} is in use here; using a free port`);
      return server;
    }
  }

  async #listenAt(port: number): Promise<Server> {
    const server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      (client) => void this.#serve(client),
    );
    server.listen(port, LOOPBACK);
    try {
      await once(server, "listening");
      return server;
    } catch (thrown) {
      throw notFree(port, thrown);
    }
  }

  /** Nothing is read from the client before the container has accepted: so a failed attempt can be repeated. */
  async #serve(client: Socket): Promise<void> {
    this.#clients.add(client);
    client.once("close", () => this.#clients.delete(client));
    client.on("error", () => {});
    try {
      const stream = await this.#open(client);
      await Promise.all([pipeline(client, stream), pipeline(stream, client)]);
    } catch (thrown) {
      if (!this.#stop.signal.aborted && !client.destroyed) notice(`a connection failed: ${reasonOf(thrown, this.#host.name)}`);
    } finally {
      client.destroy();
    }
  }

  async #open(client: Socket): Promise<Duplex> {
    const deadline = Deadline.in(CLIENT_TIMEOUT);
    let refused: Deadline | undefined;
    return deadline.until(
      async () => {
        if (client.destroyed) throw new Error("the client disconnected");
        const { address } = await this.#targets.current(deadline);
        const to = { address, port: this.#to };
        return this.#host.tunnel(to, deadline.atMost(CONNECT_TIMEOUT)).catch((thrown: unknown) => {
          refused ??= Deadline.in(REFUSAL_TIMEOUT);
          if (refused.passed) throw thrown;
          return undefined;
        });
      },
      () => new Error(`${this.#place.container} was not reachable within ${CLIENT_TIMEOUT} s`),
    );
  }
}

function portOf({ accessory, containerPort, preset, host }: DeclaredAccessory): number {
  const port = containerPort ?? (preset === undefined ? undefined : PRESETS[preset].port);
  if (port !== undefined) return port;
  throw new SlipwayError({
    code: "TUNNEL_FAILED",
    what: `the port of the accessory ${accessory} is unknown`,
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: "name the port in its container with --to 9000, or set port: in the config",
  });
}

const notFree = (port: number, cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "TUNNEL_FAILED",
      what: `cannot listen on ${LOOPBACK}:${port}`,
      evidence: [messageOf(cause)],
      servesNow: NOTHING_TOUCHED,
      next: "choose a different port with --port, or leave it out",
    },
    { cause },
  );
