import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import type { DeclaredAccessory } from "../stack/accessories.ts";
import { chosen, chosenAccessory } from "../stack/choose.ts";

/**
 * The accessory of that name on the named hosts, or on all of its hosts, in sorted order.
 *
 * @param name as the config has it, or that of its container
 */
export function choosePlaces(
  accessories: readonly DeclaredAccessory[],
  name: string,
  hosts: readonly HostName[] | undefined,
): DeclaredAccessory[] {
  if (accessories.length === 0) throw noAccessories();
  const places = chosenAccessory(accessories, name, ({ accessory, container }) => ({ name: accessory, container }));
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
  const places = choosePlaces(accessories, name, host === undefined ? undefined : [host]);
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) throw ambiguous(name, places);
  return place;
}

const noAccessories = (): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: "this stack has no accessory",
    servesNow: NOTHING_TOUCHED,
    next: "declare one under slipway:accessories and run pulumi up, or choose another stack with --stack",
  });

function ambiguous(name: string, places: readonly DeclaredAccessory[]): SlipwayError {
  const hosts = places.map(({ host }) => host.name);
  const containers = [...new Set(places.map(({ container }) => container))];
  const isOne = containers.length < 2;
  return new SlipwayError({
    code: "USAGE",
    what: isOne ? `the accessory ${name} is on ${hosts.length} hosts` : `this stack has ${containers.length} accessories ${name}`,
    evidence: [isOne ? `hosts: ${hosts.join(", ")}` : `containers: ${containers.join(", ")}`],
    servesNow: NOTHING_TOUCHED,
    next: isOne ? `choose one: --host ${hosts[0]}` : `name its container: ${containers[0]}`,
  });
}
