import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import type { Address } from "../../hosts/index.ts";
import type { Machines } from "./machines.ts";
import { matches } from "./pattern.ts";
import type { Declared } from "./release.ts";

/** `web-1,web-2` or `web-*` as an option. A list separated by spaces would include the command after it. */
export const names = (text: string): string[] => text.split(",").filter((name) => name !== "");

/** The named roles, or all. A name may have wildcards: `work*`. */
export const chooseRoles = ({ roles }: Pick<Declared, "roles">, named: readonly RoleName[] | undefined): RoleName[] =>
  chosen("role", Object.keys(roles), named);

/** The named hosts, or all, in sorted order. A name may have wildcards: `web-*`. */
export function chooseHosts({ hosts }: Pick<Declared, "hosts">, named: readonly HostName[] | undefined): Address[] {
  const names = chosen("host", Object.keys(hosts).sort(), named);
  return names.flatMap((name) => (hosts[name] === undefined ? [] : [hosts[name]]));
}

/** The hosts of the named roles among the named hosts; all of them if neither is named. A name may have wildcards. */
export function chooseMachines(
  { hosts, roles }: Machines,
  { role, host }: { readonly role?: readonly RoleName[] | undefined; readonly host?: readonly HostName[] | undefined },
): Address[] {
  const named = chosen("host", Object.keys(hosts), host);
  const having = role && new Set(chosen("role", Object.keys(roles), role).flatMap((one) => roles[one] ?? []));
  const both = named.filter((name) => having?.has(name) ?? true);
  if (both.length === 0) throw nowhere(role ?? [], host ?? []);
  return both.flatMap((name) => hosts[name] ?? []);
}

const nowhere = (roles: readonly RoleName[], hosts: readonly HostName[]): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: roles.length === 0 ? "this stack has no host" : `the role ${roles.join(", ")} is on none of ${hosts.join(", ")}`,
    servesNow: NOTHING_TOUCHED,
    next: "see slipway status; choose with --host and --role",
  });

const PLURAL = { app: "apps", role: "roles", host: "hosts", accessory: "accessories" } as const;

/** What may be named by a pattern. An app or an accessory is one. */
const BY_PATTERN: ReadonlySet<keyof typeof PLURAL> = new Set(["role", "host"]);

/**
 * The named ones of `all`, or every one if no name is given. Hosts and roles may be named by patterns. Throws for a name
 * that does not exist or a pattern that fits nothing, and lists the known ones.
 */
export function chosen(
  what: keyof typeof PLURAL,
  all: readonly string[],
  named: readonly string[] | undefined,
  where = "in this stack",
): string[] {
  const isNamed = (one: string, name: string) => one === name || (BY_PATTERN.has(what) && matches(name, one));
  const unknown = (named ?? []).filter((name) => !all.some((one) => isNamed(one, name)));
  if (unknown.length === 0) return all.filter((one) => named === undefined || named.some((name) => isNamed(one, name)));
  throw new SlipwayError({
    code: "UNKNOWN_NAME",
    what: `there is no ${what} ${unknown.join(", ")} ${where}`,
    evidence: [`${PLURAL[what]}: ${all.join(", ")}`],
    servesNow: NOTHING_TOUCHED,
    next: `name one of these ${PLURAL[what]}`,
  });
}

/** What an accessory is called. */
interface AccessoryNames {
  /** As the config has it. */
  readonly name: string;
  readonly container: string;
}

/** Those of an accessory by its name, or by that of its container: an app and an accessory without one may have the same name for two. */
export function chosenAccessory<T>(
  all: readonly T[],
  name: string,
  namesOf: (one: T) => AccessoryNames,
  where?: string,
): readonly T[] {
  const by = all.some((one) => namesOf(one).container === name) ? "container" : "name";
  if (by === "name") chosen("accessory", [...new Set(all.map((one) => namesOf(one).name))], [name], where);
  return all.filter((one) => namesOf(one)[by] === name);
}
