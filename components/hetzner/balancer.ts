import * as pulumi from "@pulumi/pulumi";
import type { HetznerBalancer as BalancerConfig, HetznerMachine } from "../../config/index.ts";
import type { RouteSpec } from "../../core/route.ts";
import type { HostName } from "../../core/words.ts";
import { protectedIf } from "../pulumi/protected.ts";
import { type Hcloud, hcloud, idOf } from "./hcloud.ts";
import type { HetznerSite } from "./site.ts";

export interface HetznerBalancerArgs {
  /**
   * What the servers of the stack share.
   *
   * @example new HetznerSite(…)
   */
  readonly site: HetznerSite;
  /**
   * Its type, and where TLS ends.
   *
   * @example { type: "lb11", tls: "managed" }
   */
  readonly balancer: BalancerConfig;
  /**
   * The servers behind it: it is in their location and network.
   *
   * @example role.hetzner
   */
  readonly machine: HetznerMachine;
  /**
   * The role's route through kamal-proxy on each server.
   *
   * @example role.proxy
   */
  readonly route: RouteSpec;
}

const HTTP = 80;
const HTTPS = 443;

/** A load balancer at Hetzner in front of the servers of one proxied role. Its health check goes through kamal-proxy to the app. */
export class HetznerBalancer extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;
  readonly #site: HetznerSite;
  readonly #machine: HetznerMachine;
  readonly #balancer: InstanceType<Hcloud["LoadBalancer"]>;
  readonly #joined: readonly pulumi.Resource[];
  readonly #hcloud: Hcloud = hcloud();

  constructor(role: string, { site, balancer, machine, route }: HetznerBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:HetznerBalancer", role, {}, opts);
    this.#site = site;
    this.#machine = machine;
    this.#balancer = this.declareBalancer(role, balancer);
    this.#joined = this.declareNetwork(role);
    this.declareServices(role, balancer, route);
    this.address = this.#balancer.ipv4;
    this.registerOutputs({ address: this.address });
  }

  /**
   * Adds a server as a target.
   *
   * @param after what it needs to serve requests; these are deleted only after the target
   */
  add(host: HostName, serverId: pulumi.Input<number>, after: readonly pulumi.Resource[]): void {
    const usePrivateIp = this.#machine.network !== undefined;
    const args = { type: "server", loadBalancerId: idOf(this.#balancer), serverId, usePrivateIp };
    new this.#hcloud.LoadBalancerTarget(host, args, { parent: this, dependsOn: [...this.#joined, ...after] });
  }

  private declareBalancer(role: string, { type }: BalancerConfig) {
    const { name, labels } = this.#site;
    const { location, protect } = this.#machine;
    const args = { name: `${name}-${role}`, loadBalancerType: type, location, labels, deleteProtection: protect };
    return new this.#hcloud.LoadBalancer(role, args, { parent: this, ...protectedIf(protect) });
  }

  private declareNetwork(role: string): pulumi.Resource[] {
    const network = this.#site.network(this.#machine);
    if (network === undefined) return [];
    const args = { loadBalancerId: idOf(this.#balancer), networkId: network.networkId };
    return [new this.#hcloud.LoadBalancerNetwork(role, args, { parent: this, dependsOn: [network.subnet] })];
  }

  private declareServices(role: string, { tls }: BalancerConfig, route: RouteSpec): void {
    const loadBalancerId = this.#balancer.id;
    const service = (name: string, args: Omit<ConstructorParameters<Hcloud["LoadBalancerService"]>[1], "loadBalancerId">) =>
      new this.#hcloud.LoadBalancerService(`${role}-${name}`, { loadBalancerId, ...args }, { parent: this });
    // kamal-proxy does not support the proxy protocol.
    const plain = { listenPort: HTTP, destinationPort: HTTP, proxyprotocol: false };
    const secure = { listenPort: HTTPS, proxyprotocol: false };
    switch (tls) {
      case "off":
        service("http", { protocol: "http", ...plain, healthCheck: healthOf(route) });
        return;
      case "managed": {
        const certificates = [this.declareCertificate(role, route)];
        const http = { certificates, redirectHttp: route.tlsRedirect };
        service("https", { protocol: "https", ...secure, destinationPort: HTTP, http, healthCheck: healthOf(route) });
        return;
      }
      case "passthrough":
        service("http", { protocol: "tcp", ...plain, healthCheck: openAt(HTTP) });
        service("https", { protocol: "tcp", ...secure, destinationPort: HTTPS, healthCheck: openAt(HTTPS) });
    }
  }

  private declareCertificate(role: string, { hosts }: RouteSpec): pulumi.Output<number> {
    const { name, labels } = this.#site;
    const args = { name: `${name}-${role}`, domainNames: [...hosts], labels };
    return idOf(new this.#hcloud.ManagedCertificate(role, args, { parent: this }));
  }
}

const HEALTH_INTERVAL = { interval: 3, timeout: 2, retries: 2 };

/** kamal-proxy passes it to the app, so a server whose app is unhealthy gets no requests. */
const healthOf = ({ hosts: [domain], healthcheck: { path } }: RouteSpec) => ({
  protocol: "http",
  port: HTTP,
  ...HEALTH_INTERVAL,
  http: { path, statusCodes: ["2??"], tls: false, ...(domain === undefined || domain.startsWith("*.") ? {} : { domain }) },
});

/** With TLS at kamal-proxy, plain HTTP gets nothing but a redirect: an open port must do. */
const openAt = (port: number) => ({ protocol: "tcp", port, ...HEALTH_INTERVAL });
