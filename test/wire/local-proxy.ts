import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Deadline } from "../../core/deadline.ts";
import type { RouteOptions } from "../../core/route.ts";
import { deployArguments } from "../../hosts/proxy/arguments.ts";
import { parseRoutes, type Route } from "../../hosts/proxy/route.ts";
import { command } from "../../lab/command.ts";
import { goBinary } from "../../lab/gobuild.ts";

const TIMEOUTS = { deploy: 5, drain: 5 };
/** The options of an empty `proxy:` section in the config. */
export const PLAIN: RouteOptions = {
  hosts: ["shop.example"],
  pathPrefixes: ["/"],
  stripPathPrefix: true,
  tls: { kind: "off" },
  tlsRedirect: true,
  healthcheck: { path: "/up", interval: 0.1, timeout: 5 },
  responseTimeout: 30,
  buffering: { requests: true, responses: true, memory: 1_048_576, maxRequestBody: 0, maxResponseBody: 0 },
  forwardHeaders: true,
  logging: { requestHeaders: ["Cache-Control", "Last-Modified", "User-Agent"], responseHeaders: [] },
  scopeCookiePaths: false,
};

/** The answer to a visitor. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A real kamal-proxy on this machine, on its own ports, with its state in its own folder. */
export class LocalProxy {
  readonly home: string;
  readonly #binary: string;
  readonly #ports: readonly number[];
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  private constructor(home: string, binary: string, ports: readonly number[]) {
    this.home = home;
    this.#binary = binary;
    this.#ports = ports;
    this.#env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home };
  }

  static async start(): Promise<LocalProxy> {
    const home = await mkdtemp(join(tmpdir(), "slipway-proxy-"));
    const binary = join(home, "kamal-proxy");
    await writeFile(binary, await theBinary());
    await chmod(binary, 0o755);
    const proxy = new LocalProxy(home, binary, await freePorts(2));
    await proxy.#boot();
    return proxy;
  }

  async #boot(): Promise<void> {
    const [http, https] = this.#ports;
    const args = ["run", `--http-port=${http}`, `--https-port=${https}`];
    this.#process = spawn(this.#binary, args, { env: this.#env, stdio: "ignore" });
    const answers = () =>
      this.control("list").then(
        () => true as const,
        () => undefined,
      );
    await Deadline.in(10).until(answers, () => new Error("kamal-proxy does not answer"));
  }

  /** Whether its process is running. */
  get alive(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  /** Kills it and starts it again from its state file. */
  async restart(): Promise<void> {
    await this.#kill();
    await this.#boot();
  }

  control(...argv: readonly string[]): Promise<string> {
    return command([this.#binary, ...argv], { env: this.#env, timeout: 15 });
  }

  /** Runs a command of the argument builders. */
  run([, ...argv]: readonly string[]): Promise<string> {
    return this.control(...argv);
  }

  async deploy(targets: readonly string[], options: RouteOptions, service = "shop-web"): Promise<Route | undefined> {
    await this.run(deployArguments(service, targets, options, TIMEOUTS));
    return this.route(service);
  }

  async route(service = "shop-web"): Promise<Route | undefined> {
    return (await this.routes()).find((route) => route.service === service);
  }

  async routes(): Promise<Route[]> {
    return parseRoutes(await readFile(join(this.home, ".config/kamal-proxy/kamal-proxy.state"), "utf8")) ?? [];
  }

  /** One request of a visitor to `shop.example`. */
  get(path = "/", headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const options = {
      host: "127.0.0.1",
      port: this.#ports[0],
      path,
      headers: { host: "shop.example", ...headers },
      agent: false,
    };
    return new Promise((resolve, reject) => {
      request(options, (answer: IncomingMessage) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
      })
        .on("error", reject)
        .end();
    });
  }

  async stop(): Promise<void> {
    await this.#kill();
    await rm(this.home, { recursive: true, force: true });
  }

  async #kill(): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise((resolve) => this.#process?.once("exit", resolve));
    this.#process?.kill("SIGKILL");
    await ended;
  }
}

const theBinary = (): Promise<Buffer> =>
  goBinary({
    name: "kamal-proxy",
    from: new URL("../../lab/kamal-proxy/", import.meta.url).pathname,
    target: "github.com/basecamp/kamal-proxy/cmd/kamal-proxy",
  });

/** Answers with its name; `/slow?ms=500` answers late. */
export async function anApp(name = "ok"): Promise<Server> {
  const app = createServer((asked, response) => {
    const delay = Number(new URL(asked.url ?? "/", "http://app").searchParams.get("ms") ?? 0);
    if (delay === 0) response.end(name);
    else setTimeout(() => response.end(name), delay);
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  return app;
}

export const portOf = (app: Server): number => (app.address() as AddressInfo).port;

/** In kamal-proxy's form. */
export const targetOf = (app: Server): string => `127.0.0.1:${portOf(app)}`;

export async function freePorts(count: number): Promise<number[]> {
  const apps = await Promise.all(Array.from({ length: count }, () => anApp()));
  const ports = apps.map(portOf);
  await Promise.all(apps.map((app) => new Promise((resolve) => app.close(resolve))));
  return ports;
}
