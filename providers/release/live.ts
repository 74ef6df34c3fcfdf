import type { RoleName } from "../../core/words.ts";
import type { Found, FoundHost, FoundRoute } from "./fleet.ts";

const SHORT_ID = 12;

/** What kamal-proxy is given as the target of a container: short ids resolve on the network, as Kamal does it. */
export const targetOf = (id: string, port: number): string => `${id.slice(0, SHORT_ID)}:${port}`;

const isAmong = (targets: readonly string[], { id }: Pick<Found, "id">): boolean =>
  targets.some((target) => target.split(":")[0] === id.slice(0, SHORT_ID));

/** Whether requests can reach this container through its route, as the release or as its canary. */
export const isRouted = (route: FoundRoute, container: Pick<Found, "id">): boolean =>
  isAmong(route.targets, container) || isAmong(route.rollout?.targets ?? [], container);

export function routeOf(host: FoundHost | undefined, role: RoleName): FoundRoute | undefined {
  return host?.kind === "reached" ? host.routes.find((route) => route.role === role) : undefined;
}

export function containersOf(host: FoundHost | undefined, role: RoleName): Found[] {
  return host?.kind === "reached" ? host.containers.filter((container) => container.role === role) : [];
}

/** The containers that answer: those that the proxy names, else (a role without proxy) those of the release that was started last. */
export function liveOf(host: FoundHost | undefined, role: RoleName, proxied: boolean): Found[] {
  const containers = containersOf(host, role);
  const route = routeOf(host, role);
  if (proxied) return route === undefined ? [] : containers.filter((container) => isAmong(route.targets, container));
  const running = containers.filter((container) => container.running && container.finishing === undefined);
  const [youngest] = running.toSorted((a, b) => b.created - a.created);
  return running.filter((container) => container === youngest || sameRelease(container, youngest));
}

const sameRelease = (a: Found, b: Found | undefined): boolean => a.release !== undefined && a.release === b?.release;
