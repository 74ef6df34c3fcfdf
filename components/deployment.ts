import * as pulumi from "@pulumi/pulumi";
import type { Config, Host, Role } from "../config/index.ts";
import { publishedPorts } from "../core/container/host-port.ts";
import { appName } from "../core/names.ts";
import type { Opening } from "../core/opening.ts";
import { hostInUrl } from "../core/url.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../core/words.ts";
import type { AccessoryOutputs } from "./app/accessory-outputs.ts";
import { AppParts } from "./app/app-parts.ts";
import type { Release } from "./app/release.ts";
import { type Digests, urlsOf } from "./declare/release.ts";
import { HetznerBalancer } from "./hetzner/balancer.ts";
import { HetznerNames } from "./hetzner/names.ts";
import { HetznerSite } from "./hetzner/site.ts";
import { operatorKeys } from "./keys/operator-keys.ts";
import { plainly } from "./pulumi/configured.ts";
import { unlessRejected } from "./pulumi/unless-rejected.ts";
import { DeclaredServer, type ExistingMachine, type MachineArgs } from "./server/declared-server.ts";
import { openTexts, publicOpenings } from "./server/firewall.ts";
import { type RegistryCredentials, sealedLogin } from "./server/registry-login.ts";
import { Tenancy } from "./server/tenancy.ts";

/**
 * Machines that the program itself creates, by their name in the config. What is given here replaces what the config says.
 *
 * @example { "web-1": { address: droplet.ipv4Address, hostKey: key.publicKey } }
 */
export type Machines = Readonly<Record<HostName, Partial<Omit<ExistingMachine, "name">>>>;

/** A server of a stack's file: how SSH reaches it, and its id at Hetzner if the stack made it there. */
export type ServerOutputs = Pick<DeclaredServer, "address" | "port" | "user" | "serverId">;

/**
 * All of one stack: its servers, and the release of its app on them.
 *
 * @example
 * const config = await stackConfig();
 * const digests = imageDigests(config);
 * new Deployment(config, digests);
 * await digests;
 */
export class Deployment extends pulumi.ComponentResource {
  /**
   * Where requests reach the app: for each host name of its proxy, without one for each address of a load balancer or server.
   *
   * @example ["https://shop.example.com"]
   */
  readonly urls: pulumi.Output<string[]>;
  /**
   * The id of the release: its version, and a hash of all that decides its containers. Empty in a stack of accessories alone.
   *
   * @example "1.4.2-ab12cd34"
   */
  readonly release: pulumi.Output<ReleaseId>;
  /**
   * `slipway:version`, else the image's tag, else the beginning of its digest.
   *
   * @example "1.4.2"
   */
  readonly version: pulumi.Output<string>;
  /**
   * The image by digest.
   *
   * @example "ghcr.io/acme/shop@sha256:9f31ab12…"
   */
  readonly image: pulumi.Output<string>;
  /**
   * What is served on each server: server and role → version, and a hash of what decides the containers there.
   *
   * @example { "web-1/web": "1.4.2-56c41b99", "jobs-1/worker": "1.4.2-25c05f8a" }
   */
  readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;
  /**
   * How each accessory is reached, by its name. Default: empty, without accessories.
   *
   * @example deployment.accessories["db"]?.url
   */
  readonly accessories: Readonly<Record<string, AccessoryOutputs>>;
  /**
   * Each server, by its name in the config.
   *
   * @example deployment.servers["web-1"]?.address
   */
  readonly servers: Readonly<Record<HostName, ServerOutputs>>;
  /**
   * The IPv4 address of the load balancer at Hetzner of each role that has one. Default: empty.
   *
   * @example deployment.loadBalancers["web"]
   */
  readonly loadBalancers: Readonly<Record<RoleName, pulumi.Output<string>>>;
  readonly #config: Config;
  readonly #machines: Machines;

  /**
   * @param config complete and resolved: from `await stackConfig()`, or written in the program
   * @param asked the digests of this run's tags: `imageDigests(config)`. The caller awaits it as well, and reports its failure
   * @param machines hosts of the config that the program creates
   */
  constructor(config: Config, asked: Promise<Digests>, machines: Machines = {}, opts?: pulumi.ComponentResourceOptions) {
    // Counted so that `slipway deploy` can recognize the state of a partial run.
    const counted = new Set<string>();
    const count: pulumi.ResourceTransformation = ({ type, name }) => void counted.add(`${type} ${name}`);
    super("slipway:Deployment", config.service, {}, { ...opts, transformations: [...(opts?.transformations ?? []), count] });
    this.#config = config;
    this.#machines = machines;
    const registry = registryOf(config);
    const digests = unlessRejected(asked);
    const site = this.declareSite();
    const servers = this.declareServers(site, registry, digests);
    const formerly = this.oldNamesOf.bind(this);
    const app = new AppParts({ config: plainly(config), digests, servers, registry, parent: this, prefix: "", formerly });
    app.declareBuilds();
    const accessories = app.declareAccessories();
    const release = config.roles.length === 0 ? undefined : this.declareApp(app, [...accessories.values()].flat());
    app.declareSchedules(release);
    app.declareExposure(config.service, this.openings(), release);
    const tenancies = this.declareTenancies(servers);
    const balancers = this.declareBalancers(site, servers, release === undefined ? [] : [release], tenancies);
    this.declareNames(servers, balancers);

    this.urls = this.urlsOfRoles(servers, balancers);
    const none = {
      release: pulumi.output(""),
      version: pulumi.output(""),
      image: pulumi.output(""),
      containers: pulumi.output<Record<Slot, ReleaseId>>({}),
    };
    const released = release ?? none;
    this.release = released.release;
    this.version = released.version;
    this.image = released.image;
    this.containers = released.containers;
    this.accessories = app.outputsOfAccessories(accessories);
    this.servers = Object.fromEntries([...servers].map(([name, server]) => [name, outputsOf(server)]));
    this.loadBalancers = Object.fromEntries([...balancers].map(([role, { address }]) => [role, address]));
    this.registerOutputs({
      urls: this.urls,
      release: this.release,
      version: this.version,
      image: this.image,
      containers: this.containers,
      accessories: this.accessories,
      servers: this.servers,
      loadBalancers: this.loadBalancers,
      resources: counted.size,
    });
  }

  private declareApp(app: AppParts, accessories: readonly pulumi.Resource[]): Release {
    const release = app.declareRelease(this.#config.service, [...accessories, ...app.declarePreDeploy()]);
    app.declarePostDeploy(release);
    return release;
  }

  private declareSite(): HetznerSite | undefined {
    const { service, destination, hetzner, roles } = this.#config;
    const made = new Map(roles.flatMap((role) => (role.hetzner === undefined ? [] : [[role.name, role.hetzner] as const])));
    if (made.size === 0) return undefined;
    const labels = { service, ...(destination === undefined ? {} : { destination }), managed_by: "slipway" };
    const authorizedKeys = operatorKeys(this.#config);
    const own = this.#config.hosts.filter(({ madeAt }) => madeAt !== undefined);
    const open = openTexts([...own.flatMap(({ name }) => this.openingsOf(name)), ...(this.#config.firewall?.allow ?? [])]);
    const sshPorts = own.map(({ port }) => port);
    return new HetznerSite(
      { name: appName(this.#config), labels, shared: hetzner, authorizedKeys, roles: made, sshPorts, open },
      { parent: this },
    );
  }

  private declareServers(
    site: HetznerSite | undefined,
    registry: RegistryCredentials | undefined,
    changeAfter: Promise<unknown>,
  ): Map<HostName, DeclaredServer> {
    const { hosts, roles, accessories, docker, harden, firewall: rules, proxyRun, adopt } = this.#config;
    const proxied = new Set([...roles, ...accessories].flatMap(({ proxy, hosts: own }) => (proxy === undefined ? [] : own)));
    return new Map(
      hosts.map((host) => {
        const machine = this.machineOf(host, site);
        const proxy = proxied.has(host.name) ? proxyRun : undefined;
        const own = roles.filter((role) => role.hosts.includes(host.name));
        const setup = Object.fromEntries(own.map((role) => [role.name, role.setup]));
        const firewall = rules && { firewall: rules, open: this.openingsOf(host.name), adopt };
        const formerly = this.oldNamesOf(host.name);
        const args = { machine, docker, harden, firewall, registry, proxy, changeAfter, setup, formerly };
        return [host.name, new DeclaredServer(host.name, args, { parent: this })];
      }),
    );
  }

  /** A host without a name in the config is called by its address: when it gets a name, its resources stay the same. */
  private oldNamesOf(on: HostName): readonly string[] {
    const all = this.#config.hosts;
    const host = all.find(({ name }) => name === on);
    if (host === undefined || host.madeAt !== undefined || host.address === on) return [];
    return all.some(({ name }) => name === host.address) ? [] : [host.address];
  }

  private machineOf(host: Host, site: HetznerSite | undefined): MachineArgs {
    if (host.madeAt === undefined) return { kind: "existing", ...host, ...this.#machines[host.name] };
    const role = this.#config.roles.find(({ hetzner, hosts }) => hetzner !== undefined && hosts.includes(host.name));
    if (site === undefined || role === undefined) throw new TypeError(`no role makes ${host.name}`);
    const { machine, port, user, name } = host;
    return { kind: "hetzner", site, role: role.name, nth: role.hosts.indexOf(name) + 1, machine, port, user };
  }

  /** The ports of a host that are reachable from outside: those of its proxy, and those that roles and accessories publish. */
  private openingsOf(host: HostName): Opening[] {
    const { roles, accessories, proxyRun } = this.#config;
    const own = roles.filter((role) => role.hosts.includes(host));
    const beside = accessories.filter((accessory) => accessory.hosts.includes(host));
    const isProxied = [...own, ...beside].some(({ proxy }) => proxy !== undefined);
    return publicOpenings(isProxied ? proxyRun : undefined, [
      ...own.flatMap(({ options }) => options.publish ?? []),
      ...beside.flatMap(publishedPorts),
    ]);
  }

  /** The ports of the hosts that have a firewall. */
  private openings(): Map<HostName, readonly Opening[]> {
    const { hosts, firewall } = this.#config;
    const closed = hosts.filter(({ madeAt }) => firewall !== undefined || madeAt !== undefined);
    return new Map(closed.map(({ name }) => [name, [...this.openingsOf(name), ...(firewall?.allow ?? [])]]));
  }

  /** A server that is deleted with its stack must lose the app first. */
  private declareTenancies(servers: Map<HostName, DeclaredServer>): Map<HostName, Tenancy> {
    const config = this.#config;
    const made = config.hosts.filter(({ madeAt }) => madeAt !== undefined);
    return new Map(
      made.flatMap(({ name }) => {
        const server = servers.get(name);
        if (server === undefined) return [];
        const { connection: host, ready } = server;
        return [[name, new Tenancy(name, { config, host }, { parent: server, dependsOn: [...ready] })] as const];
      }),
    );
  }

  private declareBalancers(
    site: HetznerSite | undefined,
    servers: Map<HostName, DeclaredServer>,
    release: readonly pulumi.Resource[],
    tenancies: Map<HostName, Tenancy>,
  ): Map<RoleName, HetznerBalancer> {
    const balanced = this.#config.roles.flatMap(({ name, hosts, proxy: route, hetzner }) => {
      const balancer = hetzner?.balancer;
      if (site === undefined || hetzner === undefined || balancer === undefined || route === undefined) return [];
      const made = new HetznerBalancer(name, { site, balancer, machine: hetzner, route }, { parent: this });
      for (const host of hosts) {
        const [server, tenancy] = [servers.get(host), tenancies.get(host)];
        if (server?.serverId !== undefined && tenancy !== undefined) made.add(host, server.serverId, [...release, tenancy]);
      }
      return [[name, made] as const];
    });
    return new Map(balanced);
  }

  private declareNames(servers: Map<HostName, DeclaredServer>, balancers: Map<RoleName, HetznerBalancer>): void {
    const { hetzner, roles, service } = this.#config;
    const zone = hetzner.dnsZone;
    if (zone === undefined) return;
    const named = roles.flatMap((role) => (role.proxy?.hosts ?? []).map((host) => [host, role] as const));
    const names = Object.fromEntries(named.map(([host, role]) => [host, addressesOf(role, servers, balancers)]));
    new HetznerNames(service, { zone, names }, { parent: this });
  }

  /** Without a host name in the config, the URLs have the addresses of the hosts. */
  private urlsOfRoles(
    servers: Map<HostName, DeclaredServer>,
    balancers: Map<RoleName, HetznerBalancer>,
  ): pulumi.Output<string[]> {
    const urls = this.#config.roles.flatMap((role): pulumi.Input<string[]>[] => {
      const { proxy, hetzner } = role;
      if (proxy === undefined) return [];
      const route = hetzner?.balancer?.tls === "managed" ? { ...proxy, tls: { kind: "acme" as const, staging: false } } : proxy;
      if (proxy.hosts.length > 0) return [urlsOf(route)];
      return [addressesOf(role, servers, balancers).apply((hosts) => urlsOf({ ...route, hosts: hosts.map(hostInUrl) }))];
    });
    return pulumi.all(urls).apply((all) => [...new Set(all.flat())]);
  }
}

const outputsOf = ({ address, port, user, serverId }: DeclaredServer): ServerOutputs => ({ address, port, user, serverId });

/** Where requests for a role are sent: to its load balancer, else to its hosts. */
function addressesOf(
  { name, hosts }: Role,
  servers: Map<HostName, DeclaredServer>,
  balancers: Map<RoleName, HetznerBalancer>,
): pulumi.Output<string[]> {
  const balancer = balancers.get(name);
  if (balancer !== undefined) return balancer.address.apply((address) => [address]);
  const own = hosts.flatMap((host) => servers.get(host)?.connection ?? []);
  return pulumi.all(own).apply((all) => all.map(({ address }) => address));
}

const registryOf = ({ registry }: Config): RegistryCredentials | undefined => registry && sealedLogin(registry);
