import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import type { Address } from "../../hosts/index.ts";
import type { Declared } from "./release.ts";

/** `web-1,web-2` as an option. A list separated by spaces would include the command after it. */
export const names = (text: string): string[] => text.split(",").filter((name) => name !== "");

/** The named roles, or all. */
export const chooseRoles = ({ roles }: Declared, named: readonly RoleName[] | undefined): RoleName[] =>
  chosen("role", Object.keys(roles), named);

/** The named hosts, or all, in sorted order. */
export function chooseHosts({ hosts }: Declared, named: readonly HostName[] | undefined): Address[] {
  const names = chosen("host", Object.keys(hosts).sort(), named);
  return names.flatMap((name) => (hosts[name] === undefined ? [] : [hosts[name]]));
}

const PLURAL = { app: "apps", role: "roles", host: "hosts", accessory: "accessories" } as const;

/** The named ones of `all`, or every one if no name is given. Throws for an unknown name, and lists the known ones. */
export function chosen(
  what: keyof typeof PLURAL,
  all: readonly string[],
  named: readonly string[] | undefined,
  where = "in this stack",
): string[] {
  const unknown = (named ?? []).filter((name) => !all.includes(name));
  if (unknown.length === 0) return all.filter((name) => named === undefined || named.includes(name));
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
