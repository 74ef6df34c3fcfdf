import { z } from "zod";
import { inNaturalOrder } from "../../../core/host-names.ts";
import { parseJson } from "../../../core/text.ts";
import type { HostName, RoleName } from "../../../core/words.ts";

/** An address, or a map from it to its tags; in a map of hosts, name → address. */
const Listed = z.array(z.union([z.string(), z.record(z.string(), z.unknown())]));
const Named = z.record(z.string(), z.union([z.string(), z.looseObject({ address: z.string().optional() }), z.null()]));
const Hosts = z.union([Listed, Named]);
const Role = z.union([Listed, z.looseObject({ hosts: Hosts.optional() })]);
const Servers = z.union([Listed, z.record(z.string(), Role)]);
const Accessories = z.record(
  z.string(),
  z.looseObject({ host: z.string().optional(), hosts: z.union([z.string(), Hosts]).optional() }),
);

interface Written {
  readonly hosts: readonly { readonly name: HostName; readonly address: string }[];
  readonly roles: readonly RoleName[];
}

/**
 * The hosts and roles that a stack's config names, for a hook that runs before anything else is known. Servers that Slipway makes have no
 * address yet, and those of a program are not in the config.
 */
export function writtenServers(config: { get(key: string): string | undefined }): Written {
  const servers = Servers.safeParse(parseJson(config.get("slipway:servers") ?? "")).data ?? {};
  const accessories = Accessories.safeParse(parseJson(config.get("slipway:accessories") ?? "")).data ?? {};
  const roles: Record<RoleName, z.infer<typeof Role>> = Array.isArray(servers) ? { web: servers } : servers;
  const ofRoles = Object.values(roles).flatMap((role) => hostsIn(Array.isArray(role) ? role : (role.hosts ?? [])));
  const ofAccessories = Object.values(accessories).flatMap(({ host, hosts = [] }) =>
    host === undefined ? hostsIn(typeof hosts === "string" ? [hosts] : hosts) : hostsIn([host]),
  );
  const byName = new Map([...ofAccessories, ...ofRoles].map((host) => [host.name, host]));
  const hosts = inNaturalOrder([...byName.keys()]).flatMap((name) => byName.get(name) ?? []);
  return { hosts, roles: Object.keys(roles) };
}

function hostsIn(written: z.infer<typeof Hosts>): Written["hosts"] {
  if (Array.isArray(written))
    return written
      .flatMap((one) => (typeof one === "string" ? [one] : Object.keys(one)))
      .map((name) => ({ name, address: name }));
  return Object.entries(written).map(([name, value]) => {
    const address = typeof value === "string" ? value : value?.address;
    return { name, address: address ?? name };
  });
}
