import { messageOf } from "../../core/error.ts";
import type { Milliseconds } from "../../core/words.ts";
import { Front, type FrontArgs } from "./front.ts";
import { type Health, HealthWatch } from "./health.ts";
import type { Service } from "./objects.ts";

/** A service with the certificate of its port. */
export interface BalancedService {
  readonly service: Service;
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
}

/** The working part of a load balancer: ports on its own address, and health checks of the targets. */
export class Balancer {
  readonly address: string;
  readonly #second: Milliseconds;
  readonly #fronts = new Map<string, Front>();
  readonly #watches = new Map<string, HealthWatch>();
  #services: readonly BalancedService[] = [];
  #targets: readonly string[] = [];
  #turn = 0;
  #change: Promise<void> = Promise.resolve();

  constructor(address: string, second: Milliseconds) {
    this.address = address;
    this.#second = second;
  }

  /** Sets ports and targets. Connections of ports that stay are kept. */
  set(services: readonly BalancedService[], targets: readonly string[]): Promise<void> {
    this.#services = services;
    this.#targets = targets;
    this.#rewatch();
    this.#change = this.#change.then(() => this.#reopen());
    return this.#change;
  }

  /** Health of the target for the service on that port. */
  health(target: string, listenPort: number): Health {
    const found = this.#services.find(({ service }) => service.listen_port === listenPort);
    return found === undefined ? "unknown" : (this.#watches.get(watchKey(target, found.service))?.state ?? "unknown");
  }

  close(): Promise<void> {
    return this.set([], []);
  }

  #rewatch(): void {
    const pairs = this.#services.flatMap(({ service }) => this.#targets.map((target) => ({ target, service })));
    const wanted = new Map(pairs.map(({ target, service }) => [watchKey(target, service), { target, service }]));
    for (const [key, watch] of this.#watches) {
      if (wanted.has(key)) continue;
      watch.end();
      this.#watches.delete(key);
    }
    for (const [key, { target, service }] of wanted)
      if (!this.#watches.has(key)) this.#watches.set(key, new HealthWatch(target, service.health_check, this.#second));
  }

  async #reopen(): Promise<void> {
    const wanted = new Map(this.#services.flatMap((one) => this.#frontsOf(one)).map((args) => [frontKey(args), args]));
    for (const [key, front] of this.#fronts) {
      if (wanted.has(key)) continue;
      this.#fronts.delete(key);
      await front.close();
    }
    for (const [key, args] of wanted) {
      if (this.#fronts.has(key)) continue;
      // A port in use is only printed; the API's objects are correct anyway.
      const front = await Front.open(args).catch((failure: unknown) =>
        console.error(`lab: load balancer ${this.address}:${args.port}: ${messageOf(failure)}`),
      );
      if (front !== undefined) this.#fronts.set(key, front);
    }
  }

  #frontsOf({ service, certificate }: BalancedService): FrontArgs[] {
    const { listen_port: port, protocol, http } = service;
    const next = () => this.#next(port);
    const front: FrontArgs = { address: this.address, port, speaks: protocol, certificate, next };
    if (protocol === "https" && certificate === undefined) return [];
    const sends = protocol === "https" && http?.redirect_http === true;
    return sends ? [front, { address: this.address, port: 80, speaks: "redirect", next }] : [front];
  }

  #next(listenPort: number): { address: string; port: number } | undefined {
    const port = this.#services.find(({ service }) => service.listen_port === listenPort)?.service.destination_port;
    const well = this.#targets.filter((target) => this.health(target, listenPort) === "healthy");
    const address = well[this.#turn % well.length];
    this.#turn += 1;
    return address === undefined || port === undefined ? undefined : { address, port };
  }
}

const watchKey = (target: string, service: Service): string =>
  `${target} ${service.listen_port} ${JSON.stringify(service.health_check)}`;

/** Everything that requires a port to be reopened. */
const frontKey = ({ port, speaks, certificate }: FrontArgs): string => JSON.stringify([port, speaks, certificate?.cert]);
