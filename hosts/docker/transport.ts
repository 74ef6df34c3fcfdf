import type { ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import type { Use } from "../ssh/channels.ts";
import { SHARES } from "../ssh/channels.ts";
import type { Connection } from "../ssh/connection.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import type { Trace } from "../ssh/trace.ts";
import { http } from "./http.ts";
import { DOCKER_SOCKET, DockerRefusal, dockerTrouble, isChannelRefused } from "./trouble.ts";

/** Answers that come at once, answers that take their time (pull, exec, logs), the one stream of events, and what a person follows. */
export type Pace = Extract<Use, "request" | "stream" | "events" | "follow">;

/** Gives HTTP requests SSH channels to Docker's socket, as many as the pace may have. */
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

/** HTTP to the Docker Engine of one host. Paths without a version, so that every engine from 20.10 on answers. */
export class DockerEngine {
  readonly #connection: Connection;
  readonly #trace: Trace;
  readonly #clients = new Map<Pace, Promise<Dockerode>>();
  readonly #agents: ChannelAgent[] = [];

  constructor(connection: Connection, trace: Trace) {
    this.#connection = connection;
    this.#trace = trace;
  }

  /** A request that changes nothing. It is repeated once if Docker restarted: an idle connection can end just as it is used. */
  async look<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace?: Pace): Promise<T> {
    try {
      return await this.ask(what, work, pace);
    } catch (error) {
      if (!(error instanceof ConnectionLost) || error === this.#connection.lastLoss) throw error;
      return this.ask(what, work, pace);
    }
  }

  /** A request that changes the host. It is never repeated. */
  change<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace?: Pace): Promise<T> {
    return this.#trace.around({ host: this.#connection.host, what }, async () => {
      this.#connection.requireLease();
      return this.ask(what, work, pace);
    });
  }

  /** One request. What goes wrong comes as `DockerRefusal`, `ConnectionLost`, or the story of why Docker cannot be reached. */
  async ask<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace: Pace = "request"): Promise<T> {
    const began = performance.now();
    const before = this.#connection.lastLoss;
    const user = {};
    this.#connection.hold(user);
    try {
      // Loading takes as long as half a connection: both at once.
      const connected = this.#connection.connect();
      const [docker] = await Promise.all([this.#client(pace), connected]);
      return await work(docker);
    } catch (error) {
      throw await this.#explain(error, before);
    } finally {
      this.#connection.letGo(user);
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
    // All that the operator's own DOCKER_* variables could change is given here.
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
    if (isChannelRefused(error)) return dockerTrouble(this.#connection, error);
    if (error instanceof Error && CLOSED.has((error as NodeJS.ErrnoException).code ?? ""))
      return new ConnectionLost(this.#connection.host, "Docker closed it before it answered", { cause: error });
    return refusalOf(error);
  }
}

const CLOSED = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);

function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return error;
  const body: unknown = "json" in error ? error.json : undefined;
  const told = body !== null && typeof body === "object" && "message" in body ? String(body.message) : undefined;
  // dockerode puts the status and its own words before Docker's.
  return new DockerRefusal(error.statusCode, told ?? error.message.replace(/^\(HTTP code \d+\) .*? - /, "").trim());
}
