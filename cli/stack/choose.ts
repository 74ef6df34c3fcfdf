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

const PLURAL = { role: "roles", host: "hosts", accessory: "accessories" } as const;

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
