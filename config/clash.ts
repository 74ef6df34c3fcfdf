import type { RouteSpec } from "../core/route.ts";
import type { HostName } from "../core/words.ts";
import { type Listener, overlap } from "./host-port.ts";
import type { Place } from "./problem.ts";
import type { ProxyRun } from "./proxy-run.ts";
import type { Role } from "./role.ts";

/** Two roles on one host cannot both be asked for the same name and path: the proxy would refuse the second, in the middle of a release. */
export function refuseRouteClashes(roles: readonly Role[], place: Place): void {
  for (const { role, other, host } of neighbours(roles)) {
    const [own, others] = [routeOn(role, host), routeOn(other, host)];
    const clash = own === undefined || others === undefined ? undefined : sharedRoute(own, others);
    if (clash !== undefined)
      place
        .at(role.name, "proxy")
        .refuse(`${clash} on ${host} already leads to the role ${other.name}: give it another host or path_prefix`);
  }
}

/** A host gives a port once. */
export function refusePortClashes(roles: readonly Role[], proxyRun: ProxyRun, place: Place): void {
  for (const { role, other, host } of neighbours(roles)) {
    const clash = sharedPort(role.options.publish, other.options.publish);
    if (clash !== undefined)
      place.at(role.name, "options", "publish").refuse(`${clash} on ${host} is published by the role ${other.name} already`);
  }
  const proxied = new Set(roles.flatMap(({ proxy, hosts }) => (proxy === undefined ? [] : hosts)));
  for (const { name, hosts, options } of roles) {
    const host = hosts.find((one) => proxied.has(one));
    const clash = host === undefined ? undefined : sharedPort(options.publish, listenersOf(proxyRun));
    if (clash !== undefined) place.at(name, "options", "publish").refuse(`${clash} on ${host} belongs to the proxy`);
  }
}

interface Neighbours {
  readonly role: Role;
  readonly other: Role;
  readonly host: HostName;
}

/** Every pair of roles for each host that they share. */
const neighbours = (roles: readonly Role[]): Neighbours[] =>
  roles.flatMap((role, at) =>
    roles
      .slice(0, at)
      .flatMap((other) => role.hosts.filter((host) => other.hosts.includes(host)).map((host) => ({ role, other, host }))),
  );

const routeOn = ({ on, proxy }: Role, host: HostName): RouteSpec | undefined => on[host]?.proxy ?? proxy;

function sharedRoute(a: RouteSpec, b: RouteSpec): string | undefined {
  const names = (spec: RouteSpec) => (spec.hosts.length === 0 ? ["every host name"] : spec.hosts);
  const host = names(a).find((name) => names(b).includes(name));
  const path = a.pathPrefixes.find((prefix) => b.pathPrefixes.includes(prefix));
  return host === undefined || path === undefined ? undefined : path === "/" ? host : `${host}${path}`;
}

function sharedPort(own: readonly Listener[] = [], others: readonly Listener[] = []): string | undefined {
  const clash = own.find((port) => others.some((other) => overlap(port, other)));
  return clash && `port ${clash.hostPort}/${clash.protocol}`;
}

function listenersOf({ publish, bindIps, httpPort, httpsPort }: ProxyRun): Listener[] {
  const ips = !publish ? [] : bindIps.length === 0 ? ["0.0.0.0"] : bindIps;
  return ips.flatMap((ip) => [httpPort, httpsPort].map((hostPort) => ({ ip, hostPort, protocol: "tcp" as const })));
}
