import type { ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import type { Seconds } from "../../core/words.ts";
import type { Use } from "../ssh/channels.ts";
import { SHARES } from "../ssh/channels.ts";
import type { Connection } from "../ssh/connection.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import { Semaphore } from "../ssh/semaphore.ts";
import type { Trace } from "../ssh/trace.ts";
import { boundedModem } from "./bounded-modem.ts";
import { http } from "./http.ts";
import { type Call, NoAnswer, Patience } from "./patience.ts";
import { refusalOf } from "./refusal.ts";
import { DOCKER_SOCKET } from "./socket.ts";
import { dockerSilent, dockerUnavailable, isChannelRefused } from "./unavailable.ts";

/** Quick answers (`request`), slow ones (`stream`: pull, exec, logs), the one stream of events, and what a person follows. */
export type Pace = Extract<Use, "request" | "stream" | "events" | "follow">;

/** One request. What Docker does not answer in time, is aborted. */
export type Work<T> = (docker: Dockerode, call: Call) => Promise<T>;

export interface RequestOptions {
  /** Default: `request`. */
  readonly pace?: Pace | undefined;
  /** What Docker may take for this call beyond the time for an answer, or between two parts of it: the grace of a stop. Default: 0. */
  readonly extra?: Seconds;
  /** The work has a limit of its own, or none: what a person follows. */
  readonly isUnlimited?: true;
}

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
  readonly #patience: Patience;
  /** The time for an answer begins with the request, not in the queue before it. */
  readonly #turns: Readonly<Partial<Record<Pace, Semaphore>>> = {
    request: new Semaphore(SHARES.request),
    stream: new Semaphore(SHARES.stream),
  };

  constructor(connection: Connection, trace: Trace) {
    this.#connection = connection;
    this.#trace = trace;
    this.#patience = new Patience(connection.dockerTimeout);
  }

  /** A request that changes nothing. It is repeated once if Docker closed the connection: an idle one can end just as it is used. */
  async read<T>(what: string, work: Work<T>, options?: RequestOptions): Promise<T> {
    try {
      return await this.request(what, work, options);
    } catch (error) {
      if (!(error instanceof ConnectionLost) || error === this.#connection.lastLoss) throw error;
      return this.request(what, work, options);
    }
  }

  /** A request that changes the host. It is never repeated. */
  change<T>(what: string, work: Work<T>, options?: RequestOptions): Promise<T> {
    return this.#trace.around({ host: this.#connection.host, what }, async () => {
      this.#connection.admitChange();
      return this.request(what, work, options);
    });
  }

  /** One request. Rejects with `DockerRefusal`, `ConnectionLost` or `DockerUnavailable`, also when there is no answer in time. */
  async request<T>(what: string, work: Work<T>, options: RequestOptions = {}): Promise<T> {
    const { pace = "request", extra = 0, isUnlimited = false } = options;
    const began = performance.now();
    const before = this.#connection.lastLoss;
    const user = {};
    let release: (() => void) | undefined;
    this.#connection.ref(user);
    try {
      // Loading dockerode takes half as long as connecting, so both happen at once.
      const connected = this.#connection.connect();
      const [client] = await Promise.all([this.#client(pace), connected]);
      release = await this.#turns[pace]?.acquire();
      if (isUnlimited) return await work(client, UNLIMITED);
      return await this.#patience.within(what, extra, (call) => work(scoped(client, call), call));
    } catch (error) {
      throw await this.#explain(error, before);
    } finally {
      release?.();
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
    if (error instanceof NoAnswer) return dockerSilent(this.#connection, error);
    if (isChannelRefused(error)) return dockerUnavailable(this.#connection, error);
    if (error instanceof Error && CLOSED.has((error as NodeJS.ErrnoException).code ?? ""))
      return new ConnectionLost(this.#connection.host, "Docker closed it before it answered", { cause: error });
    return refusalOf(error);
  }
}

const UNLIMITED: Call = { signal: new AbortController().signal, renew: () => {} };

/** A client for one request: all that it asks for ends with the request's time, and is bounded. */
const scoped = (client: Dockerode, call: Call): Dockerode =>
  Object.create(client, { modem: { value: boundedModem(client.modem, call) } });

const CLOSED = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);
