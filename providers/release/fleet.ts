import { z } from "zod";
import { RouteOptions } from "../../core/route.ts";
import type { HostName, RoleName } from "../../core/words.ts";

/** A container of the app, as found on a host. */
export const Found = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  /** Our label; absent on a container that Kamal started. */
  release: z.string().optional(),
  running: z.boolean(),
  /** Why it does not run: `exited with code 1`. */
  status: z.string(),
  /** What was edited on it since we made it, in words. */
  edited: z.array(z.string()),
  image: z.string(),
  /** Seconds since the epoch, by the host's clock; only compared with others of the same host. */
  created: z.number(),
});
export type Found = z.infer<typeof Found>;

/** The proxy's route of one role, as found. */
export const FoundRoute = z.object({
  role: z.string(),
  /** `<short container id>:<port>`. */
  targets: z.array(z.string()),
  options: RouteOptions,
});
export type FoundRoute = z.infer<typeof FoundRoute>;

export const FoundHost = z.discriminatedUnion("reach", [
  z.object({
    reach: z.literal("reached"),
    containers: z.array(Found),
    routes: z.array(FoundRoute),
    proxy: z.enum(["running", "stopped", "missing"]),
    /** Our roles whose host names and paths another service of this proxy has. */
    clashes: z.array(z.object({ role: z.string(), service: z.string(), at: z.string() })),
  }),
  z.object({ reach: z.literal("unreachable"), reason: z.string() }),
]);
export type FoundHost = z.infer<typeof FoundHost>;

/** All hosts of a release, as found. What really runs was asked of Docker, what serves of the proxy. */
export const Fleet = z.record(z.string(), FoundHost);
export type Fleet = z.infer<typeof Fleet>;

const SHORT_ID = 12;

/** What kamal-proxy is given as the target of a container: short ids resolve on the network, as Kamal does it. */
export const targetOf = (id: string, port: number): string => `${id.slice(0, SHORT_ID)}:${port}`;

const targets = (route: FoundRoute, { id }: Found): boolean =>
  route.targets.some((target) => target.split(":")[0] === id.slice(0, SHORT_ID));

export function routeOf(host: FoundHost | undefined, role: RoleName): FoundRoute | undefined {
  return host?.reach === "reached" ? host.routes.find((route) => route.role === role) : undefined;
}

export function containersOf(host: FoundHost | undefined, role: RoleName): Found[] {
  return host?.reach === "reached" ? host.containers.filter((container) => container.role === role) : [];
}

/** The container that answers: the one that the proxy names, else (a role without proxy) the youngest that runs. */
export function liveOf(host: FoundHost | undefined, role: RoleName, proxied: boolean): Found | undefined {
  const containers = containersOf(host, role);
  const route = routeOf(host, role);
  if (proxied) return route && containers.find((container) => targets(route, container));
  return containers.filter(({ running }) => running).sort((a, b) => b.created - a.created)[0];
}

/** `1.4.1-77aa01ef on web-1, web-2; web-3 cannot be asked`; what serves at this moment, for people. */
export function whatServes(fleet: Fleet, roles: Readonly<Record<RoleName, { proxied: boolean }>>): string {
  const places = new Map<string, HostName[]>();
  for (const [name, host] of Object.entries(fleet)) {
    for (const [role, { proxied }] of Object.entries(roles)) {
      const live = liveOf(host, role, proxied);
      if (!live?.running) continue;
      const release = live.release ?? live.name;
      places.set(release, [...new Set([...(places.get(release) ?? []), name])]);
    }
  }
  const silent = Object.entries(fleet).flatMap(([name, { reach }]) => (reach === "unreachable" ? [name] : []));
  const known = [...places].map(([release, hosts]) => `${release} on ${hosts.join(", ")}`);
  return [
    ...(known.length === 0 ? [`nothing of this app${silent.length === 0 ? "" : " that is known"}`] : known),
    ...(silent.length === 0 ? [] : [`${silent.join(", ")} cannot be asked`]),
  ].join("; ");
}
