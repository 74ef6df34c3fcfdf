import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import type { DeclaredAccessory } from "../stack/accessories.ts";
import { chosen } from "../stack/choose.ts";

/** The accessory of that name on the named hosts, or on all of its hosts, in sorted order. */
export function choosePlaces(
  accessories: readonly DeclaredAccessory[],
  name: string,
  hosts: readonly HostName[] | undefined,
): DeclaredAccessory[] {
  if (accessories.length === 0) throw noAccessories();
  chosen("accessory", [...new Set(accessories.map(({ accessory }) => accessory))], [name]);
  const places = accessories.filter(({ accessory }) => accessory === name);
  const named = chosen(
    "host",
    places.map(({ host }) => host.name),
    hosts,
    `of the accessory ${name}`,
  );
  return places.filter(({ host }) => named.includes(host.name));
}

/** The accessory on the one host that a command acts on. */
export function choosePlace(
  accessories: readonly DeclaredAccessory[],
  name: string,
  host: HostName | undefined,
): DeclaredAccessory {
  const [place, ...others] = choosePlaces(accessories, name, host === undefined ? undefined : [host]);
  if (place === undefined || others.length > 0)
    throw ambiguous(
      name,
      [place, ...others].flatMap((one) => one?.host.name ?? []),
    );
  return place;
}

const noAccessories = (): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: "this stack has no accessory",
    servesNow: NOTHING_TOUCHED,
    next: "declare one under slipway:accessories and run pulumi up, or choose another stack with --stack",
  });

const ambiguous = (name: string, hosts: readonly HostName[]): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: `the accessory ${name} is on ${hosts.length} hosts`,
    evidence: [`hosts: ${hosts.join(", ")}`],
    servesNow: NOTHING_TOUCHED,
    next: `choose one: --host ${hosts[0]}`,
  });
