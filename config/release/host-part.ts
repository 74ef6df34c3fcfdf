import type { RouteSpec } from "../../core/route.ts";
import { canonical } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import { type Env, mergeEnv } from "../env/env.ts";
import type { Listed } from "../hosts/host.ts";
import { type Layer, RouteConfig, type RouteContext, refuseSharedAcme, resolveRoute } from "../proxy/route.ts";
import { quoted } from "../schema/name.ts";

/** What is different for a role on one of its hosts. */
export interface HostPart {
  /** The whole environment there, not an addition. */
  readonly env: Env;
  /** The whole route there. */
  readonly proxy?: RouteSpec;
}

/** How the proxies of a role's hosts serve it. */
export interface Routes {
  readonly shared: RouteSpec;
  /** Of the hosts that write a name of their own. */
  readonly own: ReadonlyMap<HostName, RouteSpec>;
}

/** @param layers what the root says of the route, and what the role says */
export function resolveRoutes(listed: readonly Listed[], layers: [Layer, ...Layer[]], context: RouteContext): Routes {
  const role = new RouteConfig(...layers);
  const own = listed.flatMap(({ name, proxy: input, place }) => {
    if (input === undefined) return [];
    const proxy = new RouteConfig(...layers, { input, place: place.at("proxy") });
    return [{ name, proxy, spec: resolveRoute(proxy, context) }];
  });
  // When every host has names of its own, nobody serves those of the role, and nobody judges them.
  const others = listed.length - own.length;
  const shared = (others === 0 && own[0]?.spec) || resolveRoute(role, context);
  refuseSharedAcme([...own, ...Array.from({ length: others }, () => ({ proxy: role, spec: shared }))]);
  return { shared, own: new Map(own.map(({ name, spec }) => [name, spec])) };
}

/** Names of a host that no proxy serves. */
export function refuseRoutes(role: string, listed: readonly Listed[]): undefined {
  for (const { proxy, place } of listed) {
    if (proxy !== undefined) place.at("proxy").refuse(`has no meaning: the role ${role} is not proxied`);
  }
}

/**
 * The hosts on which something differs from the role.
 *
 * @param tags tag → what it adds to the environment; undefined: it could not be read, so no tag is judged
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
    if (own === undefined) place.refuse(`the tag ${quoted(tag)} is not in slipway:env.tags; there is ${names || "none"}`);
    return own ?? [];
  });
  return found.reduce(mergeEnv, env);
}
