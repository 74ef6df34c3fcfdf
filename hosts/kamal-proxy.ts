import { Deadline } from "../core/deadline.ts";
import type { RouteOptions } from "../core/route.ts";
import type { Seconds } from "../core/words.ts";
import type { Host } from "./host.ts";
import { deployArguments, parseRoutes, parseServices, type Route } from "./kamal-proxy-route.ts";

/** Where Kamal puts its proxy; the same places, so that taking over a host is not a change of proxy. */
export const KAMAL_PROXY = {
  container: "kamal-proxy",
  volume: "kamal-proxy-config",
  network: "kamal",
  configFolder: "/home/kamal-proxy/.config/kamal-proxy",
} as const;

const STATE_FILE = `${KAMAL_PROXY.configFolder}/kamal-proxy.state`;

/** A control call that switches nothing answers in milliseconds; this is when we stop believing in it. */
const CONTROL_TIMEOUT: Seconds = 10;

/** What the proxy said when it refused. */
export class ProxyRefused extends Error {
  override readonly name = "ProxyRefused";
}

/** The kamal-proxy of one host: told by its own command line inside its container, read back from its state file. */
export class KamalProxy {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What the proxy is and what it serves, in its own words; its routes are readable while it is stopped, too. */
  async observe(): Promise<{ container: "running" | "stopped" | "missing"; routes: Route[] }> {
    const [container, routes] = await Promise.all([this.#host.docker.inspect(KAMAL_PROXY.container), this.routes()]);
    if (container === undefined) return { container: "missing", routes: [] };
    return { container: container.state.status === "running" ? "running" : "stopped", routes };
  }

  /** The routes as the proxy itself wrote them down; none where there is no proxy. */
  async routes(): Promise<Route[]> {
    const read = async () => {
      const file = await this.#host.docker.readFile(KAMAL_PROXY.container, STATE_FILE);
      return file === undefined ? [] : parseRoutes(file.toString("utf8"));
    };
    // The proxy truncates the file before it writes it, so a reader can meet half of it for a moment.
    const unreadable = () => new Error(`the state of kamal-proxy on ${this.#host.name} is not readable: ${STATE_FILE}`);
    return Deadline.in(CONTROL_TIMEOUT).until(read, unreadable);
  }

  /** The route of one service; `undefined` when the proxy has none, or is not there. */
  async route(service: string): Promise<Route | undefined> {
    return (await this.routes()).find((route) => route.service === service);
  }

  /**
   * The services that the running proxy knows, by its own table. Its file can name more: one entry that it could not read at its
   * start makes it forget them all, and it says so only in its log. `undefined`: its control socket does not answer yet.
   */
  async services(): Promise<string[] | undefined> {
    const { code, stdout } = await this.#host.docker.exec(KAMAL_PROXY.container, ["kamal-proxy", "list"]);
    return code === 0 ? parseServices(stdout) : undefined;
  }

  /**
   * Points a service at `target`, and returns when the old target has drained. New requests reach the new one long before that:
   * ask `route` for the moment of the switch.
   */
  async deploy(
    service: string,
    target: string,
    options: RouteOptions,
    timeouts: { deploy: Seconds; drain: Seconds },
  ): Promise<void> {
    await this.#control(deployArguments(service, target, options, timeouts), timeouts.deploy + timeouts.drain + CONTROL_TIMEOUT);
  }

  /** Takes a service's route away; requests to it get 404 from then on. Without such a route, nothing happens. */
  async remove(service: string): Promise<void> {
    if ((await this.route(service)) === undefined) return;
    await this.#control(["kamal-proxy", "remove", service], CONTROL_TIMEOUT);
  }

  async #control(argv: readonly string[], deadline: Seconds): Promise<void> {
    const { code, stdout, stderr } = await this.#host.docker.exec(KAMAL_PROXY.container, argv, {
      deadline: Deadline.in(deadline),
    });
    if (code === 0) return;
    const said = `${stderr}\n${stdout}`.split("\n").find((line) => line.startsWith("Error:"));
    throw new ProxyRefused(
      said?.slice("Error:".length).trim() ?? `exit code ${code}: ${`${stderr}${stdout}`.trim().slice(0, 300)}`,
    );
  }
}
