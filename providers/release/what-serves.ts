import type { HostName, RoleName } from "../../core/words.ts";
import type { Fleet } from "./fleet.ts";
import { liveOf, routeOf } from "./live.ts";

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
  const silent = Object.entries(fleet).flatMap(([name, { kind }]) => (kind === "unreachable" ? [name] : []));
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
