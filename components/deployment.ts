import * as pulumi from "@pulumi/pulumi";
import type { Config, Host, Role } from "../config/index.ts";
import { appName } from "../core/names.ts";
import type { Opening } from "../core/opening.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../core/words.ts";
import { Accessory } from "./app/accessory.ts";
import { Hook } from "./app/hook.ts";
import { Release } from "./app/release.ts";
import { Schedule } from "./app/schedule.ts";
import { type Digests, declareApp, declareImages, urlsOf } from "./declare/release.ts";
import { scheduledHosts } from "./declare/schedule.ts";
import { HetznerBalancer } from "./hetzner/balancer.ts";
import { HetznerNames } from "./hetzner/names.ts";
import { HetznerSite } from "./hetzner/site.ts";
import { operatorKeys } from "./keys/operator-keys.ts";
import { Exposure } from "./server/exposure.ts";
import { openTexts, publicOpenings } from "./server/firewall.ts";
import { type RegistryArgs, sealedLogin } from "./server/registry-login.ts";
import { type ExistingMachine, type MachineArgs, Server } from "./server/server.ts";
import { Tenancy } from "./server/tenancy.ts";

/**
 * Machines that the program itself creates, by their name in the config. What is given here replaces what the config says.
 *
 * @example { "web-1": { address: droplet.ipv4Address, hostKey: key.publicKey } }
 */
export type Machines = Readonly<Record<HostName, Partial<Omit<ExistingMachine, "name">>>>;

/**
 * All of one stack: its servers, and the release of its app on them.
 *
 * @example
 * const config = stackConfig();
 * const digests = imageDigests(config);
 * new Deployment(config, digests);
 * await digests;
 */
export class Deployment extends pulumi.ComponentResource {
  /** URLs of the app. */
  readonly urls: pulumi.Output<string[]>;
  /** `1.4.2-ab12cd34` */
  readonly release: pulumi.Output<ReleaseId>;
  /** What runs where: `{"web-1/web": "1.4.2-ab12cd34"}`. */
  readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;
  readonly #config: Config;
  readonly #machines: Machines;

  /**
   * @param config complete and resolved: from `stackConfig()`, or written in the program
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
    const accessories = this.declareAccessories(servers);
    const before = [...accessories, ...this.declarePreDeploy(digests, servers)];
    const release = this.declareRelease(digests, servers, registry, before);
    this.declarePostDeploy(release);
    this.declareSchedules(servers, registry, digests, release);
    this.declareExposure(servers, release);
    const tenancies = this.declareTenancies(servers);
    const balancers = this.declareBalancers(site, servers, [release], tenancies);
    this.declareNames(servers, balancers);

    this.urls = this.urlsOfRoles(servers, balancers);
    this.release = release.release;
    this.containers = release.containers;
    this.registerOutputs({ urls: this.urls, release: this.release, containers: this.containers, resources: counted.size });
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
    registry: RegistryArgs | undefined,
    changeAfter: Promise<unknown>,
  ): Map<HostName, Server> {
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
        return [host.name, new Server(host.name, args, { parent: this })];
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

  /** The app waits for them. An accessory whose environment refers to another one waits for that one. */
  private declareAccessories(servers: Map<HostName, Server>): Accessory[] {
    const config = this.#config;
    const made = new Map<string, Accessory[]>();
    for (const accessory of inOrderOfDependency(config.accessories)) {
      const needed = accessory.after.flatMap((other) => made.get(other) ?? []);
      const own = accessory.hosts.flatMap((on, nth) => {
        const server = servers.get(on);
        if (server === undefined) return [];
        const aliases = this.oldNamesOf(on).map((old) => ({ name: `${accessory.name}-${old}` }));
        // Before its name had the host in every case, the only one of an accessory was called like it.
        if (nth === 0) aliases.push({ name: accessory.name });
        const args = { config, accessory, on, host: server.connection };
        const opts = { parent: this, aliases, dependsOn: [...server.ready, ...needed] };
        return [new Accessory(`${accessory.name}-${on}`, args, opts)];
      });
      made.set(accessory.name, own);
    }
    return [...made.values()].flat();
  }

  private declarePreDeploy(digests: Promise<Digests>, servers: Map<HostName, Server>): pulumi.Resource[] {
    const config = this.#config;
    const commands = config.hooks.preDeploy;
    if (commands.length === 0) return [];
    const release = digests.then((known) => declareImages(config, declareApp(config).roles, known));
    const dependsOn = [...servers.values()].flatMap(({ ready }) => ready);
    return [new Hook("pre-deploy", { commands, config, release }, { parent: this, dependsOn }).done];
  }

  private declarePostDeploy(release: Release): void {
    const config = this.#config;
    const commands = config.hooks.postDeploy;
    if (commands.length === 0) return;
    const reached = pulumi
      .all([release.version, release.image, release.release])
      .apply(([version, image, id]) => ({ version, image, release: id }));
    new Hook("post-deploy", { commands, config, release: reached }, { parent: this, dependsOn: [release] });
  }

  /** After the release: jobs change with the app, and backups need their accessories. */
  private declareSchedules(
    servers: Map<HostName, Server>,
    registry: RegistryArgs | undefined,
    digests: Promise<Digests>,
    release: Release,
  ): void {
    const config = this.#config;
    for (const on of scheduledHosts(config)) {
      const host = servers.get(on)?.connection;
      if (host === undefined) continue;
      const aliases = this.oldNamesOf(on).map((old) => ({ name: `${old}-schedule` }));
      new Schedule(`${on}-schedule`, { config, on, host, digests, registry }, { parent: this, aliases, dependsOn: [release] });
    }
  }

  /** The ports of a host that are reachable from outside: those of its proxy, and those that roles and accessories publish. */
  private openingsOf(host: HostName): Opening[] {
    const { roles, accessories, proxyRun } = this.#config;
    const own = roles.filter((role) => role.hosts.includes(host));
    const beside = accessories.filter((accessory) => accessory.hosts.includes(host));
    const isProxied = [...own, ...beside].some(({ proxy }) => proxy !== undefined);
    return publicOpenings(isProxied ? proxyRun : undefined, [
      ...own.flatMap(({ options }) => options.publish ?? []),
      ...beside.flatMap(({ publish }) => publish ?? []),
    ]);
  }

  /** Checks the hosts that have a firewall. */
  private declareExposure(servers: Map<HostName, Server>, release: Release): void {
    const { service, hosts: all, firewall } = this.#config;
    const closed = all.filter(({ madeAt }) => firewall !== undefined || madeAt !== undefined);
    if (closed.length === 0) return;
    const isClosed = new Set(closed.map(({ name }) => name));
    const hosts = Object.fromEntries(
      [...servers].flatMap(([name, { connection }]) => (isClosed.has(name) ? [[name, connection]] : [])),
    );
    const allowed = firewall?.allow ?? [];
    const declared = Object.fromEntries(closed.map(({ name }) => [name, openTexts([...this.openingsOf(name), ...allowed])]));
    const args = { hosts, declared, release: release.release };
    new Exposure(`${service}-exposure`, args, { parent: this, dependsOn: [release] });
  }

  private declareRelease(
    digests: Promise<Digests>,
    servers: Map<HostName, Server>,
    registry: RegistryArgs | undefined,
    before: readonly pulumi.Resource[],
  ): Release {
    const config = this.#config;
    // A host with nothing but accessories is not part of the release: it may be down meanwhile.
    const own = new Set(config.roles.flatMap((role) => role.hosts));
    const hosts = Object.fromEntries(
      [...servers].flatMap(([name, { connection }]) => (own.has(name) ? [[name, connection]] : [])),
    );
    const dependsOn = [...[...servers.values()].flatMap(({ ready }) => ready), ...before];
    return new Release(config.service, { config, digests, hosts, registry }, { parent: this, dependsOn });
  }

  /** A server that is deleted with its stack must lose the app first. */
  private declareTenancies(servers: Map<HostName, Server>): Map<HostName, Tenancy> {
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
    servers: Map<HostName, Server>,
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

  private declareNames(servers: Map<HostName, Server>, balancers: Map<RoleName, HetznerBalancer>): void {
    const { hetzner, roles, service } = this.#config;
    const zone = hetzner.dnsZone;
    if (zone === undefined) return;
    const named = roles.flatMap((role) => (role.proxy?.hosts ?? []).map((host) => [host, role] as const));
    const names = Object.fromEntries(named.map(([host, role]) => [host, addressesOf(role, servers, balancers)]));
    new HetznerNames(service, { zone, names }, { parent: this });
  }

  /** Without a host name in the config, the URLs have the addresses of the hosts. */
  private urlsOfRoles(servers: Map<HostName, Server>, balancers: Map<RoleName, HetznerBalancer>): pulumi.Output<string[]> {
    const urls = this.#config.roles.flatMap((role): pulumi.Input<string[]>[] => {
      const { proxy, hetzner } = role;
      if (proxy === undefined) return [];
      const route = hetzner?.balancer?.tls === "managed" ? { ...proxy, tls: { kind: "acme" as const, staging: false } } : proxy;
      if (proxy.hosts.length > 0) return [urlsOf(route)];
      return [addressesOf(role, servers, balancers).apply((hosts) => urlsOf({ ...route, hosts: hosts.map(bracketed) }))];
    });
    return pulumi.all(urls).apply((all) => [...new Set(all.flat())]);
  }
}

/** Each after all that it depends on; the config has refused cycles. */
function inOrderOfDependency(accessories: Config["accessories"]): Config["accessories"] {
  const inOrder = new Set<Config["accessories"][number]>();
  const add = (accessory: Config["accessories"][number]): void => {
    if (inOrder.has(accessory)) return;
    for (const other of accessories) if (accessory.after.includes(other.name)) add(other);
    inOrder.add(accessory);
  };
  accessories.forEach(add);
  return [...inOrder];
}

/** Where requests for a role are sent: to its load balancer, else to its hosts. */
function addressesOf(
  { name, hosts }: Role,
  servers: Map<HostName, Server>,
  balancers: Map<RoleName, HetznerBalancer>,
): pulumi.Output<string[]> {
  const balancer = balancers.get(name);
  if (balancer !== undefined) return balancer.address.apply((address) => [address]);
  const own = hosts.flatMap((host) => servers.get(host)?.connection ?? []);
  return pulumi.all(own).apply((all) => all.map(({ address }) => address));
}

const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);

/** Pulumi would report the rejection once for each resource and output that depends on it. */
const unlessRejected = <T>(promise: Promise<T>): Promise<T> => promise.catch(() => new Promise<never>(() => {}));

const registryOf = ({ registry }: Config): RegistryArgs | undefined => registry && sealedLogin(registry);
