import { type App, appName, jobContainer, prefixOf } from "../core/names.ts";
import type { Accessory } from "./accessory/accessory.ts";
import type { Host } from "./hosts/host.ts";
import type { Role } from "./release/role.ts";
import type { Job } from "./schedule/job.ts";
import type { ConfigPath } from "./schema/problem.ts";

/** One part of a name in DNS. Linux takes one more for a host name, but no one could find it. */
const LONGEST_LABEL = 63;
/** Room for `-assets-<version>-<hash>` in the name of a volume, which is that of a folder. */
const LONGEST_PREFIX = 110;

/** What gets names on hosts. */
interface Named {
  readonly roles: readonly Role[];
  readonly accessories: readonly Accessory[];
  readonly jobs: readonly Job[];
  readonly hosts: readonly Host[];
}

/** Docker refuses such a host name only at the start of a container, when the old one has stopped. */
export function refuseLongNames({ roles, accessories, jobs, hosts }: Named, app: App, place: ConfigPath): void {
  const check = (what: string, name: string, most: number, at: ConfigPath): void => {
    const advice = "shorten it, slipway:service or slipway:destination";
    if (name.length > most) at.refuse(`${what} ${name} has ${name.length} characters, of at most ${most}: ${advice}`);
  };
  for (const { name, container } of accessories)
    check("its container and host name", container, LONGEST_LABEL, place.elsewhere("accessories", name));
  for (const { name } of roles)
    check("the beginning of its containers' names", prefixOf(app, name), LONGEST_PREFIX, place.elsewhere("servers", name));
  for (const { name } of jobs) check("its container", jobContainer(app, name), LONGEST_PREFIX, place.elsewhere("jobs", name));
  for (const { name, madeAt } of hosts) {
    const server = `${appName(app)}-${name}`;
    const role = place.elsewhere("servers", name.replace(/-\d+$/, ""), "hetzner");
    if (madeAt !== undefined) check("the host name of its server", server, LONGEST_LABEL, role);
  }
}
