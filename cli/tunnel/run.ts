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
  /** Of this machine. */
  readonly port: number | undefined;
  /** Of the container. */
  readonly to: number | undefined;
}

const LOOPBACK = "127.0.0.1";
/** A client waits so long for a container that is just being replaced. */
const WAIT: Seconds = 30;
/** For one try. */
const TRY: Seconds = 10;
/** A server that has just started does not listen yet; one that does not after this never will. */
const REFUSED: Seconds = 5;

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

  /** Listens until a person ends it; rejects when the host stays away. */
  async run(): Promise<void> {
    let server: Server | undefined;
    try {
      const { address } = await this.#targets.find();
      server = await this.#listen();
      // Not before: until then there is nothing that needs an end of its own.
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
      notice(`${LOOPBACK}:${this.#to} cannot be had here, so another port is taken`);
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

  /** Nothing of the client is read before the container has taken it: so a try that fails can be made again. */
  async #serve(client: Socket): Promise<void> {
    this.#clients.add(client);
    client.once("close", () => this.#clients.delete(client));
    client.on("error", () => {});
    try {
      const stream = await this.#open(client);
      await Promise.all([pipeline(client, stream), pipeline(stream, client)]);
    } catch (thrown) {
      if (!this.#stop.signal.aborted && !client.destroyed)
        notice(`a connection was not taken: ${reasonOf(thrown, this.#host.name)}`);
    } finally {
      client.destroy();
    }
  }

  async #open(client: Socket): Promise<Duplex> {
    const deadline = Deadline.in(WAIT);
    let refused: Deadline | undefined;
    return deadline.until(
      async () => {
        if (client.destroyed) throw new Error("the client went away");
        const { address } = await this.#targets.current(deadline);
        const to = { address, port: this.#to };
        return this.#host.tunnel(to, deadline.atMost(TRY)).catch((thrown: unknown) => {
          refused ??= Deadline.in(REFUSED);
          if (refused.passed) throw thrown;
          return undefined;
        });
      },
      () => new Error(`${this.#place.container} was not reached within ${WAIT} s`),
    );
  }
}

function portOf({ accessory, containerPort, preset, host }: DeclaredAccessory): number {
  const port = containerPort ?? (preset === undefined ? undefined : PRESETS[preset].port);
  if (port !== undefined) return port;
  throw new SlipwayError({
    what: `no port of the accessory ${accessory} is known`,
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: "name the port inside its container: --to 9000; or write it as its port in the config",
  });
}

const notFree = (port: number, cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      what: `${LOOPBACK}:${port} of this machine cannot be had`,
      evidence: [messageOf(cause)],
      servesNow: NOTHING_TOUCHED,
      next: "name another port with --port, or none at all",
    },
    { cause },
  );
