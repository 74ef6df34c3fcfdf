import { z } from "zod";
import { RouteOptions } from "../../core/route.ts";
import type { HostName, RoleName } from "../../core/words.ts";

/** A container of the app, as found on a host. */
export const Found = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  /** 1 for the first container of a role on a host. */
  replica: z.number(),
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
  /** Whether requests reach the targets, wait, or are answered with 503. */
  state: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("running") }),
    z.object({ kind: z.literal("paused") }),
    z.object({ kind: z.literal("stopped"), message: z.string() }),
  ]),
  /** The canary, while there is one. */
  rollout: z.object({ targets: z.array(z.string()), percent: z.number(), allow: z.array(z.string()) }).optional(),
});
export type FoundRoute = z.infer<typeof FoundRoute>;

/** A release command, as found: its container stays as the note that it ran. */
export const FoundCommand = z.object({
  id: z.string(),
  name: z.string(),
  release: z.string(),
  /** Which of the release's commands: 0 is the first. */
  index: z.number(),
  state: z.enum(["running", "done", "failed"]),
  image: z.string(),
  created: z.number(),
});
export type FoundCommand = z.infer<typeof FoundCommand>;

/** An image of the app's repository, known by digest alone, that no container of the host uses. */
export const FoundImage = z.object({
  id: z.string(),
  /** `ghcr.io/acme/shop@sha256:…`; one image may have several. */
  digests: z.array(z.string()),
});
export type FoundImage = z.infer<typeof FoundImage>;

/** Label of containers that help for a moment and never start. */
export const HELPER = "slipway.helper";

export const FoundHost = z.discriminatedUnion("reach", [
  z.object({
    reach: z.literal("reached"),
    containers: z.array(Found),
    routes: z.array(FoundRoute),
    proxy: z.enum(["running", "stopped", "missing"]),
    /** Whether the network of the app's containers is there. */
    network: z.boolean(),
    /** Our roles whose host names and paths another service of this proxy has. */
    clashes: z.array(z.object({ role: z.string(), service: z.string(), at: z.string() })),
    commands: z.array(FoundCommand),
    /** What a run that was killed had made for itself. */
    helpers: z.array(z.object({ id: z.string(), name: z.string(), image: z.string() })),
    /** Folders of this app among the proxy's files. */
    proxyFiles: z.array(z.string()),
    /** Of releases that were refused, killed or retired. A state of before they were looked for knows none. */
    images: z.array(FoundImage).default([]),
    /** Volumes of assets whose containers are gone: of a run that died between the two. */
    assets: z.array(z.string()).default([]),
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

const isAmong = (targets: readonly string[], { id }: Pick<Found, "id">): boolean =>
  targets.some((target) => target.split(":")[0] === id.slice(0, SHORT_ID));

/** Whether requests can reach this container through its route, as the release or as its canary. */
export const isRouted = (route: FoundRoute, container: Pick<Found, "id">): boolean =>
  isAmong(route.targets, container) || isAmong(route.rollout?.targets ?? [], container);

export function routeOf(host: FoundHost | undefined, role: RoleName): FoundRoute | undefined {
  return host?.reach === "reached" ? host.routes.find((route) => route.role === role) : undefined;
}

export function containersOf(host: FoundHost | undefined, role: RoleName): Found[] {
  return host?.reach === "reached" ? host.containers.filter((container) => container.role === role) : [];
}

/** The containers that answer: those that the proxy names, else (a role without proxy) those of the release that was started last. */
export function liveOf(host: FoundHost | undefined, role: RoleName, proxied: boolean): Found[] {
  const containers = containersOf(host, role);
  const route = routeOf(host, role);
  if (proxied) return route === undefined ? [] : containers.filter((container) => isAmong(route.targets, container));
  const running = containers.filter((container) => container.running);
  const [youngest] = running.toSorted((a, b) => b.created - a.created);
  return running.filter((container) => container === youngest || sameRelease(container, youngest));
}

const sameRelease = (a: Found, b: Found | undefined): boolean => a.release !== undefined && a.release === b?.release;

/**
 * `1.4.1-77aa01ef on web-1, web-2; web-3 cannot be asked`; what serves at this moment, for people. Where it is not one release, it
 * is said of which role each is.
 */
export function whatServes(fleet: Fleet, roles: Readonly<Record<RoleName, { proxied: boolean }>>): string {
  const places = new Map<string, { hosts: Set<HostName>; roles: Set<RoleName> }>();
  for (const [name, host] of Object.entries(fleet)) {
    for (const [role, { proxied }] of Object.entries(roles)) {
      const closed = routeOf(host, role)?.state.kind === "stopped" ? " (in maintenance)" : "";
      for (const live of liveOf(host, role, proxied).filter(({ running }) => running)) {
        const release = `${live.release ?? live.name}${closed}`;
        const place = places.get(release) ?? { hosts: new Set(), roles: new Set() };
        places.set(release, { hosts: place.hosts.add(name), roles: place.roles.add(role) });
      }
    }
  }
  const silent = Object.entries(fleet).flatMap(([name, { reach }]) => (reach === "unreachable" ? [name] : []));
  const several = places.size > 1 && Object.keys(roles).length > 1;
  const known = [...places].map(([release, place]) => {
    const whose = several ? ` (${[...place.roles].join(", ")})` : "";
    return `${release}${whose} on ${[...place.hosts].join(", ")}`;
  });
  return [
    ...(known.length === 0 ? [`nothing of this app${silent.length === 0 ? "" : " that is known"}`] : known),
    ...(silent.length === 0 ? [] : [`${silent.join(", ")} cannot be asked`]),
  ].join("; ");
}
