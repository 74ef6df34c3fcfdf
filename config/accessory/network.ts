import { isNetworkName } from "../container/network.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

/** Docker's own networks have no DNS, so nothing would find it. */
const OWN_NETWORKS = /^(host|none|bridge|default|container:.*)$/;

/** The Docker network of an accessory; undefined: `kamal`, which the app is in. */
export function resolveNetwork(written: string | undefined, place: ConfigPath): string | undefined {
  if (written === undefined || written === "kamal") return undefined;
  if (OWN_NETWORKS.test(written))
    place.refuse(`${quoted(written)} has no DNS names: use a network of its own, or set port to publish it`);
  else if (!isNetworkName(written)) place.refuse(`${quoted(written)} is not a valid name of a network`);
  return written;
}
