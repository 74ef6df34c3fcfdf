import type { ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import type { Use } from "../ssh/channels.ts";
import { SHARES } from "../ssh/channels.ts";
import type { Connection } from "../ssh/connection.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import type { Trace } from "../ssh/trace.ts";
import { http } from "./http.ts";
import { refusalOf } from "./refusal.ts";
import { DOCKER_SOCKET } from "./socket.ts";
import { dockerUnavailable, isChannelRefused } from "./unavailable.ts";

/** Quick answers (`request`), slow ones (`stream`: pull, exec, logs), the one stream of events, and what a person follows. */
export type Pace = Extract<Use, "request" | "stream" | "events" | "follow">;

/** Gives HTTP requests SSH channels to Docker's socket, up to the share of the pace. */
class ChannelAgent extends http.Agent {
  readonly #connection: Connection;
  readonly #pace: Pace;

  constructor(connection: Connection, pace: Pace) {
    super({ keepAlive: true, maxSockets: SHARES[pace], scheduling: "fifo" });
    this.#connection = connection;
    this.#pace = pace;
  }

  override createConnection(_options: ClientRequestArgs): Duplex {
    return this.#connection.socket(this.#pace, "docker", (client, done) =>
      client.openssh_forwardOutStreamLocal(DOCKER_SOCKET, done),
    );
  }
}

/** HTTP to the Docker Engine of one host. Paths have no version, so that every engine from 20.10 on answers. */
export class DockerTransport {
  readonly #connection: Connection;
  readonly #trace: Trace;
  readonly #clients = new Map<Pace, Promise<Dockerode>>();
  readonly #agents: ChannelAgent[] = [];

  constructor(connection: Connection, trace: Trace) {
    this.#connection = connection;
    this.#trace = trace;
  }

  /** A request that changes nothing. It is repeated once if Docker closed the connection: an idle one can end just as it is used. */
  async read<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace?: Pace): Promise<T> {
    try {
      return await this.request(what, work, pace);
    } catch (error) {
      if (!(error instanceof ConnectionLost) || error === this.#connection.lastLoss) throw error;
      return this.request(what, work, pace);
    }
  }

  /** A request that changes the host. It is never repeated. */
  change<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace?: Pace): Promise<T> {
    return this.#trace.around({ host: this.#connection.host, what }, async () => {
      this.#connection.requireLease();
      return this.request(what, work, pace);
    });
  }

  /** One request. Rejects with `DockerRefusal`, `ConnectionLost` or `DockerUnavailable`. */
  async request<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace: Pace = "request"): Promise<T> {
    const began = performance.now();
    const before = this.#connection.lastLoss;
    const user = {};
    this.#connection.ref(user);
    try {
      // Loading dockerode takes half as long as connecting, so both happen at once.
      const connected = this.#connection.connect();
      const [docker] = await Promise.all([this.#client(pace), connected]);
      return await work(docker);
    } catch (error) {
      throw await this.#explain(error, before);
    } finally {
      this.#connection.unref(user);
      this.#trace.done({ host: this.#connection.host, kind: "docker", what, ms: performance.now() - began });
    }
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  #client(pace: Pace): Promise<Dockerode> {
    let client = this.#clients.get(pace);
    if (client === undefined) {
      client = this.#load(pace);
      this.#clients.set(pace, client);
    }
    return client;
  }

  async #load(pace: Pace): Promise<Dockerode> {
    const { default: Client } = await import("dockerode");
    const agent = new ChannelAgent(this.#connection, pace);
    this.#agents.push(agent);
    // Everything that the operator's own DOCKER_* variables could change is set here.
    return new Client({
      protocol: "http",
      host: "docker",
      port: 80,
      agent,
      timeout: 0,
      socketPath: undefined,
    } as Dockerode.DockerOptions);
  }

  async #explain(error: unknown, before: Error | undefined): Promise<unknown> {
    const loss = this.#connection.lastLoss;
    if (loss !== undefined && loss !== before) return loss;
    if (isChannelRefused(error)) return dockerUnavailable(this.#connection, error);
    if (error instanceof Error && CLOSED.has((error as NodeJS.ErrnoException).code ?? ""))
      return new ConnectionLost(this.#connection.host, "Docker closed it before it answered", { cause: error });
    return refusalOf(error);
  }
}

const CLOSED = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);
