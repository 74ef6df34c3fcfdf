import { type HostPort, publishedPorts } from "../core/container/host-port.ts";
import type { RouteSpec } from "../core/route.ts";
import type { HostName } from "../core/words.ts";
import type { Accessory } from "./accessory/accessory.ts";
import { type Listener, overlap } from "./container/host-port.ts";
import type { Host } from "./hosts/host.ts";
import type { ProxyRun } from "./proxy/run.ts";
import type { Role } from "./release/role.ts";
import type { ConfigPath } from "./schema/problem.ts";

/** A role or an accessory: what has containers on hosts. */
interface Tenant {
  /** As errors name it: `the role web`. */
  readonly who: string;
  readonly hosts: readonly HostName[];
  readonly publish: readonly HostPort[];
  readonly routeOn: (host: HostName) => RouteSpec | undefined;
  readonly publishPlace: ConfigPath;
  readonly proxyPlace: ConfigPath;
}

/** Everything that has containers, roles before accessories. */
export const tenantsOf = (roles: readonly Role[], accessories: readonly Accessory[], place: ConfigPath): Tenant[] => [
  ...roles.map(({ name, hosts, options, on, proxy }) => ({
    who: `the role ${name}`,
    hosts,
    publish: options.publish ?? [],
    routeOn: (host: HostName) => on[host]?.proxy ?? proxy,
    publishPlace: place.elsewhere("servers", name, "options", "publish"),
    proxyPlace: place.elsewhere("servers", name, "proxy"),
  })),
  ...accessories.map(({ name, hosts, proxy, ...ports }) => ({
    who: `the accessory ${name}`,
    hosts,
    publish: publishedPorts(ports),
    routeOn: () => proxy,
    publishPlace: place.elsewhere("accessories", name, "port"),
    proxyPlace: place.elsewhere("accessories", name, "proxy"),
  })),
];

/** The proxy refuses a second route with the same host name and path, which would fail in the middle of a run. */
export function refuseRouteClashes(tenants: readonly Tenant[]): void {
  for (const { one, other, host } of neighbours(tenants)) {
    const [own, others] = [one.routeOn(host), other.routeOn(host)];
    const clash = own === undefined || others === undefined ? undefined : sharedRoute(own, others);
    if (clash !== undefined)
      one.proxyPlace.refuse(`${clash} on ${host} is already routed to ${other.who}: use a different host or path_prefix`);
  }
}

/** Each proxy asks for a certificate by itself, and the name leads to one host. Within one role this is refused where its route is read. */
export function refuseSharedCertificates(tenants: readonly Tenant[]): void {
  tenants.forEach((one, at) => {
    const own = acmeNamesOf(one);
    for (const other of tenants.slice(0, at)) {
      const others = acmeNamesOf(other);
      const shared = own.find(({ name, host }) => others.some((theirs) => theirs.name === name && theirs.host !== host));
      if (shared !== undefined)
        one.proxyPlace.refuse(
          `ssl works on one host only, but ${shared.name} is on a different host for ${other.who}: each would request the same certificate; provide a certificate, or give each its own name`,
        );
    }
  });
}

const acmeNamesOf = ({ hosts, routeOn }: Tenant): { readonly name: string; readonly host: HostName }[] =>
  hosts.flatMap((host) => {
    const route = routeOn(host);
    return route?.tls.kind === "acme" ? route.hosts.map((name) => ({ name, host })) : [];
  });

/** A port of a host can be used once. */
export function refusePortClashes(
  tenants: readonly Tenant[],
  proxyRun: ProxyRun,
  hosts: readonly Host[],
  place: ConfigPath,
): void {
  refuseSshPort(tenants, proxyRun, hosts, place);
  for (const { one, other, host } of neighbours(tenants)) {
    const clash = sharedPort(one.publish, other.publish);
    if (clash !== undefined) one.publishPlace.refuse(`${clash} on ${host} is already published by ${other.who}`);
  }
  const proxied = new Set(tenants.flatMap(({ hosts, routeOn }) => hosts.filter((host) => routeOn(host) !== undefined)));
  for (const { hosts, publish, publishPlace } of tenants) {
    const host = hosts.find((one) => proxied.has(one));
    const clash = host === undefined ? undefined : sharedPort(publish, listenersOf(proxyRun));
    if (clash !== undefined) publishPlace.refuse(`${clash} on ${host} is used by the proxy`);
  }
}

/** SSH listens on all addresses: Docker could not publish its port, and the old container would have stopped. */
function refuseSshPort(tenants: readonly Tenant[], proxyRun: ProxyRun, hosts: readonly Host[], place: ConfigPath): void {
  const proxied = (name: HostName) => tenants.some((one) => one.hosts.includes(name) && one.routeOn(name) !== undefined);
  for (const { name, port } of hosts) {
    const ssh: Listener[] = [{ ip: "0.0.0.0", hostPort: port, protocol: "tcp" }];
    const used = `port ${port}/tcp on ${name} is used by SSH`;
    for (const { hosts: own, publish, publishPlace } of tenants)
      if (own.includes(name) && sharedPort(publish, ssh) !== undefined) publishPlace.refuse(used);
    if (proxied(name) && sharedPort(listenersOf(proxyRun), ssh) !== undefined) place.elsewhere("proxy", "run").refuse(used);
  }
}

interface Neighbours {
  readonly one: Tenant;
  readonly other: Tenant;
  readonly host: HostName;
}

/** Every pair, once for each host that they share. */
const neighbours = (tenants: readonly Tenant[]): Neighbours[] =>
  tenants.flatMap((one, at) =>
    tenants
      .slice(0, at)
      .flatMap((other) => one.hosts.filter((host) => other.hosts.includes(host)).map((host) => ({ one, other, host }))),
  );

function sharedRoute(a: RouteSpec, b: RouteSpec): string | undefined {
  const names = (spec: RouteSpec) => (spec.hosts.length === 0 ? ["every host name"] : spec.hosts);
  const host = names(a).find((name) => names(b).includes(name));
  const path = a.pathPrefixes.find((prefix) => b.pathPrefixes.includes(prefix));
  return host === undefined || path === undefined ? undefined : path === "/" ? host : `${host}${path}`;
}

function sharedPort(own: readonly Listener[], others: readonly Listener[]): string | undefined {
  const clash = own.find((port) => others.some((other) => overlap(port, other)));
  return clash && `port ${clash.hostPort}/${clash.protocol}`;
}

function listenersOf({ publish, bindIps, httpPort, httpsPort }: ProxyRun): Listener[] {
  const ips = !publish ? [] : bindIps.length === 0 ? ["0.0.0.0"] : bindIps;
  return ips.flatMap((ip) => [httpPort, httpsPort].map((hostPort) => ({ ip, hostPort, protocol: "tcp" as const })));
}
