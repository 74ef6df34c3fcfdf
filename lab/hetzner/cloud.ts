import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError } from "./api-error.ts";
import { DATACENTERS, IMAGES, LOAD_BALANCER_TYPES, LOCATIONS, SERVER_TYPES } from "./catalogue.ts";
import { certificateRoutes } from "./certificates.ts";
import type { Faults } from "./faults.ts";
import { firewallRoutes } from "./firewalls.ts";
import { loadBalancerRoutes } from "./load-balancers.ts";
import { imaginaryMachines, type Machines } from "./machines.ts";
import { networkRoutes } from "./networks.ts";
import { chosen, page } from "./page.ts";
import { placementGroupRoutes } from "./placement-groups.ts";
import { primaryIpRoutes } from "./primary-ips.ts";
import { type Pace, Project } from "./project.ts";
import { type Answer, catalogueRoutes, type Handler, type Routes } from "./routes.ts";
import { serverRoutes } from "./servers.ts";
import { sshKeyRoutes } from "./ssh-keys.ts";
import { volumeRoutes } from "./volumes.ts";

const LIMIT_AN_HOUR = 3600;
const BODY_BYTES = 1024 * 1024;

export interface CloudOptions extends Partial<Pace> {
  /** The machines behind servers. Default: none; servers are only addresses. */
  readonly machines?: Machines;
}

/** A call and its status. */
export interface Called {
  readonly method: string;
  /** Without `/v1` and query. @example "/servers/1001" */
  readonly path: string;
  readonly status: number;
}

/**
 * A fake Hetzner Cloud API (https://docs.hetzner.cloud) with one project, on 127.0.0.1. Its load balancers work; its servers are what
 * `machines` creates for them.
 *
 * @example
 * await using cloud = await HetznerCloud.start({ machines: labMachines("hz") });
 * const pulumi = { "hcloud:endpoint": cloud.endpoint, "hcloud:token": cloud.token };
 */
export class HetznerCloud implements AsyncDisposable {
  /** @example "http://127.0.0.1:41234/v1" */
  readonly endpoint: string;
  readonly token: string;
  readonly project: Project;
  readonly calls: Called[] = [];
  readonly #server: Server;
  readonly #routes: readonly Route[];
  #remaining = LIMIT_AN_HOUR;

  private constructor(server: Server, project: Project) {
    this.#server = server;
    this.project = project;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    this.token = randomBytes(32).toString("hex");
    this.#routes = compiled(allRoutes(project));
    server.on("request", (ask, answer) => void this.#serve(ask, answer));
  }

  static async start({ machines = imaginaryMachines(), action = 30, second = 100 }: CloudOptions = {}): Promise<HetznerCloud> {
    const server = createServer({ keepAlive: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HetznerCloud(server, new Project(machines, { action, second }));
  }

  /** Faults at the provider, set by tests. */
  get faults(): Faults {
    return this.project.faults;
  }

  /** Number of objects of each kind: `{}` if nothing is left. */
  inventory(): Record<string, number> {
    return this.project.inventory();
  }

  /** Calls that change something, since the start or since `calls` was emptied. */
  mutations(): Called[] {
    return this.calls.filter(({ method, status }) => method !== "GET" && status < 300);
  }

  /** Stops the API and its load balancers, and removes the remaining machines. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    await this.project.actions.settled();
    await this.project.balancers.close();
    for (const { name } of this.project.servers.all) await this.project.machines.remove(name);
  }

  async #serve(ask: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(ask.url ?? "/", "http://api");
    const path = url.pathname.replace(/^\/v1(?=\/)/, "");
    const { status, body } = await this.#answer(ask, answer, path, url.searchParams).catch(toAnswer);
    this.calls.push({ method: ask.method ?? "", path, status });
    if (status !== 204) answer.setHeader("content-type", "application/json");
    answer.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  }

  async #answer(ask: IncomingMessage, answer: ServerResponse, path: string, query: URLSearchParams): Promise<Answer> {
    const body = await read(ask);
    if (ask.headers.authorization !== `Bearer ${this.token}`)
      throw new ApiError("unauthorized", "the token you provided is invalid");
    this.#takeLimit(answer);
    const method = ask.method ?? "";
    for (const { verb, pattern, handle } of this.#routes) {
      const match = verb === method ? pattern.exec(path) : null;
      if (match !== null) return handle({ query, body: parsed(body), parts: match.slice(1).map(decodeURIComponent) });
    }
    const isKnown = this.#routes.some(({ pattern }) => pattern.test(path));
    throw new ApiError(
      isKnown ? "method_not_allowed" : "not_found",
      isKnown ? `${method} is not allowed here` : `no such path: ${path}`,
    );
  }

  /** The limit recovers by one call a second, as at the provider. */
  #takeLimit(answer: ServerResponse): void {
    const resetAfter = this.faults.takeLimit();
    this.#remaining = resetAfter === undefined ? Math.max(1, this.#remaining - 1) : 0;
    const reset = Math.ceil(Date.now() / 1000) + (resetAfter ?? LIMIT_AN_HOUR - this.#remaining);
    answer.setHeader("RateLimit-Limit", LIMIT_AN_HOUR);
    answer.setHeader("RateLimit-Remaining", this.#remaining);
    answer.setHeader("RateLimit-Reset", reset);
    if (resetAfter !== undefined) {
      this.#remaining = LIMIT_AN_HOUR;
      throw new ApiError("rate_limit_exceeded", `limit of ${LIMIT_AN_HOUR} requests per hour reached`);
    }
  }
}

interface Route {
  readonly verb: string;
  readonly pattern: RegExp;
  readonly handle: Handler;
}

/** Fixed parts of a path take precedence over parameters: `/servers/actions` is not a server. */
const compiled = (routes: Routes): Route[] =>
  Object.entries(routes)
    .map(([route, handle]) => ({ route, handle, open: (route.match(/:/g) ?? []).length }))
    .sort((a, b) => a.open - b.open)
    .map(({ route, handle }) => {
      const [verb = "", path = ""] = route.split(" ");
      const source = path.replace(/:(id|action)/g, "(\\d+)").replace(/:name/g, "([a-z_]+)");
      return { verb, pattern: new RegExp(`^${source}$`), handle };
    });

const allRoutes = (project: Project): Routes => ({
  ...serverRoutes(project),
  ...sshKeyRoutes(project),
  ...networkRoutes(project),
  ...firewallRoutes(project),
  ...placementGroupRoutes(project),
  ...primaryIpRoutes(project),
  ...volumeRoutes(project),
  ...loadBalancerRoutes(project),
  ...certificateRoutes(project),
  ...catalogueRoutes("server_types", "server_type", SERVER_TYPES),
  ...catalogueRoutes("load_balancer_types", "load_balancer_type", LOAD_BALANCER_TYPES),
  ...catalogueRoutes("images", "image", IMAGES),
  ...catalogueRoutes("locations", "location", LOCATIONS),
  ...catalogueRoutes("datacenters", "datacenter", DATACENTERS),
  ...actionRoutes(project),
});

const actionRoutes = ({ actions }: Project): Routes => ({
  "GET /actions": ({ query }) => ({ status: 200, body: page("actions", chosen(actions.list(), query), query) }),
  "GET /actions/:id": ({ parts }) => ({ status: 200, body: { action: actions.get(Number(parts[0])) } }),
});

async function read(ask: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ask as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES) throw new ApiError("invalid_input", "the body is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(body: string): unknown {
  try {
    return body === "" ? {} : JSON.parse(body);
  } catch {
    throw new ApiError("json_error", "invalid JSON in request");
  }
}

function toAnswer(failure: unknown): Answer {
  if (failure instanceof ApiError) return { status: failure.status, body: failure.body };
  // A bug in the fake itself must be visible.
  console.error(failure);
  return { status: 500, body: new ApiError("server_error", "an unexpected error occurred").body };
}
