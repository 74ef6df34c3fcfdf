import type { RouteSpec } from "../../core/route.ts";
import { canonical } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import { type Env, mergeEnv } from "../env/env.ts";
import type { Listed } from "../hosts/host-book.ts";
import { type Layer, RouteConfig, type RouteContext, refuseSharedAcme, resolveRoute } from "../proxy/route.ts";
import { quoted } from "../schema/name.ts";

/** What differs for a role on one of its hosts. */
export interface HostPart {
  /** The complete environment there, not an addition. */
  readonly env: Env;
  /** The complete route there. */
  readonly proxy?: RouteSpec;
}

/** How the proxies of a role's hosts serve it. */
export interface Routes {
  readonly shared: RouteSpec;
  /** Of hosts with host names of their own. */
  readonly own: ReadonlyMap<HostName, RouteSpec>;
}

/** @param layers the root's keys, then the role's */
export function resolveRoutes(listed: readonly Listed[], layers: [Layer, ...Layer[]], context: RouteContext): Routes {
  const role = new RouteConfig(...layers);
  const own = listed.flatMap(({ name, proxy: input, place }) => {
    if (input === undefined) return [];
    const proxy = new RouteConfig(...layers, { input, place: place.at("proxy") });
    return [{ name, proxy, spec: resolveRoute(proxy, context) }];
  });
  // If every host has host names of its own, those of the role are unused and not checked.
  const others = listed.length - own.length;
  const shared = (others === 0 && own[0]?.spec) || resolveRoute(role, context);
  refuseSharedAcme([...own, ...Array.from({ length: others }, () => ({ proxy: role, spec: shared }))]);
  return { shared, own: new Map(own.map(({ name, spec }) => [name, spec])) };
}

/** Refuses host names where no proxy serves the role. */
export function refuseRoutes(role: string, listed: readonly Listed[]): undefined {
  for (const { proxy, place } of listed) {
    if (proxy !== undefined) place.at("proxy").refuse(`not allowed: the role ${role} is not proxied`);
  }
}

/**
 * The hosts where something differs from the role.
 *
 * @param tags tag → what it adds to the environment; undefined: it could not be read, so tags are not checked
 */
export function resolveHostParts(
  listed: readonly Listed[],
  env: Env,
  tags: Readonly<Record<string, Env>> | undefined,
  routes: Routes | undefined,
): Record<HostName, HostPart> {
  const parts = listed.flatMap((host): [HostName, HostPart][] => {
    const own = tagged(host, env, tags);
    const route = routes?.own.get(host.name);
    const differs = route !== undefined && canonical(route) !== canonical(routes?.shared);
    if (!differs && canonical(own) === canonical(env)) return [];
    return [[host.name, { env: own, ...(differs ? { proxy: route } : {}) }]];
  });
  return Object.fromEntries(parts);
}

function tagged({ tags, place }: Listed, env: Env, known: Readonly<Record<string, Env>> | undefined): Env {
  if (known === undefined) return env;
  const names = Object.keys(known).map(quoted).join(", ");
  const found = tags.flatMap((tag) => {
    const own = Object.hasOwn(known, tag) ? known[tag] : undefined;
    if (own === undefined) place.refuse(`the tag ${quoted(tag)} is not in slipway:env.tags; available: ${names || "none"}`);
    return own ?? [];
  });
  return found.reduce(mergeEnv, env);
}
