import type { Milliseconds } from "../../core/words.ts";
import { type BalancedService, Balancer } from "./balancer.ts";
import type { Collection } from "./collection.ts";
import type { Health } from "./health.ts";
import type { Certificate, LoadBalancer, Server, Service, Target } from "./objects.ts";
import { fits } from "./selector.ts";

/** The part of the project that load balancers use. */
interface Objects {
  readonly loadBalancers: Collection<LoadBalancer>;
  readonly servers: Collection<Server>;
  readonly certificates: Collection<Certificate>;
}

/** The working load balancers of a project; they follow its objects. */
export class Balancers {
  readonly #project: Objects;
  readonly #second: Milliseconds;
  readonly #working = new Map<number, Balancer>();

  constructor(project: Objects, second: Milliseconds) {
    this.#project = project;
    this.#second = second;
  }

  /** To be called after a change that a load balancer depends on: a target, a service, a label, a certificate. */
  async changed(): Promise<void> {
    const balancers = this.#project.loadBalancers;
    const gone = [...this.#working].filter(([id]) => balancers.find(id) === undefined);
    for (const [id] of gone) this.#working.delete(id);
    await Promise.all([...gone.map(([, working]) => working.close()), ...balancers.all.map((one) => this.#follow(one))]);
  }

  /** Health of a target for each service. */
  health({ id, services }: LoadBalancer, address: string): { listen_port: number; status: Health }[] {
    const working = this.#working.get(id);
    return services.map(({ listen_port }) => ({
      listen_port,
      status: working?.health(address, listen_port) ?? "unknown",
    }));
  }

  /** The addresses of a target: those of its machines, for any network. */
  addressesOf(target: Target): { id: number | undefined; address: string }[] {
    if (target.ip !== undefined) return [{ id: undefined, address: target.ip.ip }];
    const { servers } = this.#project;
    const selector = target.label_selector?.selector;
    return servers.all
      .filter(({ id, labels }) => (selector === undefined ? target.server?.id === id : fits(selector, labels)))
      .map(({ id, address }) => ({ id, address }));
  }

  /** An unused address of this machine, from 127.0.0.0/8. */
  freeAddress(): string {
    const taken = new Set(this.#project.loadBalancers.all.map(({ address }) => address));
    for (;;) {
      // Random, so that projects of tests that run in parallel do not collide.
      const address = `127.${[64, 256, 254].map((most) => 1 + Math.floor(Math.random() * (most - 1))).join(".")}`;
      if (!taken.has(address)) return address;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#working.values()].map((working) => working.close()));
    this.#working.clear();
  }

  #follow(balancer: LoadBalancer): Promise<void> {
    const working = this.#working.get(balancer.id) ?? new Balancer(balancer.address, this.#second);
    this.#working.set(balancer.id, working);
    const targets = balancer.targets.flatMap((target) => this.addressesOf(target).map(({ address }) => address));
    const services = balancer.public ? balancer.services : [];
    return working.set(
      services.map((service) => this.#balanced(service)),
      [...new Set(targets)],
    );
  }

  #balanced(service: Service): BalancedService {
    const [id] = service.http?.certificates ?? [];
    const found = id === undefined ? undefined : this.#project.certificates.find(id);
    const isThere = found !== undefined && found.certificate !== "";
    return { service, certificate: isThere ? { cert: found.certificate, key: found.key } : undefined };
  }
}
