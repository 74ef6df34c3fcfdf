import { type App, prefixOf } from "../../core/names.ts";
import { isOfApp } from "../../core/owner.ts";
import type { RouteOptions } from "../../core/route.ts";
import type { ContainerSummary, Route } from "../../hosts/index.ts";
import { targetOf } from "./live.ts";
import type { Place } from "./places.ts";

/** What keeps a role from its route. */
export interface RouteClash {
  readonly role: string;
  /** Who has it: `blog-web`. */
  readonly service: string;
  /** The address that is taken, `shop.example/`, or the name of the route. */
  readonly at: string;
}

/** What the proxy of a host serves, and all containers there. */
interface There {
  readonly routes: readonly Pick<Route, "service" | "options" | "targets">[];
  readonly containers: readonly Pick<ContainerSummary, "id" | "labels">[];
}

/**
 * Where kamal-proxy would refuse our route, because another service has its address: it would say so only after all candidates are up.
 * And where a switch would take the route of another app: `shop` with the role `web` at `production`, and `shop` with the role
 * `web-production` at none, have one name.
 */
export function clashesOf(app: App, { role, spec, replica, track }: Place, { routes, containers }: There): RouteClash[] {
  if (spec.proxy === undefined || replica > 1 || track === "canary") return [];
  const name = prefixOf(app, role);
  const own = addressesOf(spec.proxy);
  return routes.flatMap((route) => {
    if (route.service === name) {
      const owner = containers.find(
        ({ id, labels }) => isTarget(route, id) && labels.service !== undefined && !isOfApp(app, labels),
      );
      return owner === undefined ? [] : [{ role, service: appIn(owner.labels), at: `the route ${name}` }];
    }
    const at = addressesOf(route.options).find((address) => own.includes(address));
    return at === undefined ? [] : [{ role, service: route.service, at }];
  });
}

const isTarget = ({ targets }: Pick<Route, "targets">, id: string): boolean =>
  targets.some((target) => target.startsWith(targetOf(id, 0).slice(0, -1)));

/** `the role web-production of shop` */
function appIn({ service, role, destination }: ContainerSummary["labels"]): string {
  const where = destination === undefined || destination === "" ? "" : ` at ${destination}`;
  return `${role === undefined ? "" : `the role ${role} of `}${service ?? ""}${where}`;
}

const addressesOf = ({ hosts, pathPrefixes }: Pick<RouteOptions, "hosts" | "pathPrefixes">): string[] =>
  (hosts.length === 0 ? ["*"] : hosts).flatMap((host) =>
    (pathPrefixes.length === 0 ? ["/"] : pathPrefixes).map((path) => host + path),
  );
