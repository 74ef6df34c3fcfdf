import { z } from "zod";
import type { HostName, RoleName } from "../../core/words.ts";
import type { HostBook } from "../hosts/host-book.ts";
import type { HostsInput } from "../hosts/host-section.ts";
import { MachineSection } from "../hosts/host-section.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field } from "../schema/section.ts";

const several = z.array(z.string()).min(1);
const ONE = "together with another key of host, hosts, role, roles, tag and tags";

/** Where an accessory runs: exactly one of these keys. */
export const ACCESSORY_HOSTS = {
  host: field(z.string().min(1), {
    is: "The host it runs on: the name of a host, including servers that a role creates at Hetzner, or an address.",
    refused: `missing without hosts, role, roles, tag or tags; ${ONE}`,
    example: "web-1",
  }),
  hosts: field(z.union([several, z.record(z.string(), z.union([z.string(), MachineSection]))]), {
    is: "Several hosts, each with its own data; or a map of names to addresses, which defines machines as servers.<role>.hosts does.",
    refused: ONE,
    example: { "db-1": "203.0.113.20" },
  }),
  role: field(z.string().min(1), {
    is: "All hosts of a role.",
    refused: `a role that is not in servers; ${ONE}`,
    example: "web",
  }),
  roles: field(several, { is: "All hosts of these roles.", refused: ONE, example: ["web", "jobs"] }),
  tag: field(z.string().min(1), {
    is: "All hosts that have this tag in any role.",
    refused: `a tag that no host has; ${ONE}`,
    example: "eu",
  }),
  tags: field(several, { is: "All hosts that have any of these tags.", refused: ONE, example: ["eu", "us"] }),
};
const KEYS = Object.keys(ACCESSORY_HOSTS) as (keyof typeof ACCESSORY_HOSTS)[];

export type AccessoryHostsInput = { readonly [K in keyof typeof ACCESSORY_HOSTS]?: z.infer<(typeof ACCESSORY_HOSTS)[K]> };

/** The hosts that an accessory defines. */
export const writtenHosts = ({ hosts }: AccessoryHostsInput): HostsInput => hosts ?? [];

/** The hosts to choose from. */
export interface Fleet {
  /** undefined: they could not be read, so nothing that names a role is checked. */
  readonly roles: ReadonlyMap<RoleName, readonly HostName[]> | undefined;
  readonly book: HostBook;
}

/** Sorted by name, each once. */
export function resolveAccessoryHosts(input: AccessoryHostsInput, fleet: Fleet, place: ConfigPath): HostName[] {
  const [key, other] = KEYS.filter((one) => input[one] !== undefined);
  if (key === undefined) place.refuse(`does not say where it runs: set one of ${KEYS.join(", ")}`);
  else if (other !== undefined) place.at(other).refuse(`not allowed together with ${key}: set one of ${KEYS.join(", ")}`);
  if (key === undefined || other !== undefined) return [];
  return [...new Set(hostsOf(input, fleet, place.at(key)))].sort();
}

function hostsOf(
  { host, hosts, role, roles, tag, tags }: AccessoryHostsInput,
  { roles: ofRoles, book }: Fleet,
  place: ConfigPath,
) {
  if (host !== undefined) {
    book.named(host, place);
    return [host];
  }
  if (hosts !== undefined) return listed(hosts, book, place);
  if (ofRoles === undefined) return [];
  if (role !== undefined || roles !== undefined) return inGroups(role ?? roles ?? [], ofRoles, "is not a role with hosts", place);
  return inGroups(tag ?? tags ?? [], book.tagged, "is not the tag of any host", place);
}

function listed(hosts: HostsInput, book: HostBook, place: ConfigPath): HostName[] {
  const names = book.listed(hosts, place).map(({ name }) => name);
  if (names.length === 0) place.refuse("no hosts");
  return names;
}

type Groups = ReadonlyMap<string, Iterable<HostName>>;

function inGroups(written: string | readonly string[], groups: Groups, missing: string, place: ConfigPath): HostName[] {
  const names = typeof written === "string" ? [written] : written;
  return names.flatMap((name, at) => {
    const group = groups.get(name);
    const here = typeof written === "string" ? place : place.at(at);
    if (group === undefined)
      here.refuse(`${quoted(name)} ${missing}; available: ${[...groups.keys()].sort().join(", ") || "none"}`);
    return [...(group ?? [])];
  });
}
