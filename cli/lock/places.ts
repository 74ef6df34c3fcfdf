import { appName } from "../../core/names.ts";
import type { HostName } from "../../core/words.ts";
import type { Address } from "../../hosts/index.ts";
import type { Stack } from "../stack/read-stack.ts";

/** A host of a stack, and the apps of the stack that have a part there. */
export interface Place {
  readonly address: Address;
  readonly apps: readonly string[];
}

/** All hosts of a stack's apps and of their accessories, in sorted order. Pure. */
export function placesOf(apps: readonly Pick<Stack, "inputs" | "accessories">[]): Place[] {
  const places = new Map<HostName, { address: Address; apps: Set<string> }>();
  for (const { inputs, accessories } of apps)
    for (const address of [...Object.values(inputs.hosts), ...accessories.map(({ host }) => host)]) {
      const place = places.get(address.name) ?? { address, apps: new Set() };
      places.set(address.name, place);
      place.apps.add(appName(inputs));
    }
  return [...places.values()]
    .map(({ address, apps: names }) => ({ address, apps: [...names].sort() }))
    .sort((a, b) => (a.address.name < b.address.name ? -1 : 1));
}
