import type { ContainerOptions } from "../../core/container/options.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

/** What a container's networks may be, beside its own one. */
export interface NetworkRules {
  /** The network that it is in already. Default: `kamal`. */
  readonly own?: string | undefined;
  /** Why it cannot have the network of the host; undefined: it can. */
  readonly withoutHost?: string | undefined;
}

/** Docker's own networks have no DNS, so nothing would find it there. */
const BUILT_IN = /^(?:none|bridge|default|container:.*)$/;

/** `options.network`: Docker networks beside its own one, or that of the host alone. */
export function resolveNetworks(
  names: readonly string[] | undefined,
  { own = "kamal", withoutHost }: NetworkRules,
  place: ConfigPath,
): Pick<ContainerOptions, "hostNetwork" | "networks"> {
  const others = [...new Set(names ?? [])].filter((name) => name !== own);
  if (others.includes("host")) {
    if (withoutHost !== undefined) place.refuse(`host: ${withoutHost}`);
    else if (others.length > 1) place.refuse("host: a container in the network of the host is in no other");
    return { hostNetwork: true };
  }
  for (const name of others) {
    if (BUILT_IN.test(name)) place.refuse(`${quoted(name)} has no DNS names: use a network that docker network create has made`);
    else if (!isNetworkName(name)) place.refuse(`${quoted(name)} is not a valid name of a network`);
  }
  return others.length === 0 ? {} : { networks: others };
}

export const isNetworkName = (text: string): boolean => /^[a-z0-9][a-z0-9_.-]*$/i.test(text);

/** `options.network_alias` */
export function resolveNetworkAliases(names: readonly string[] | undefined, place: ConfigPath): string[] | undefined {
  const all = [...new Set(names ?? [])];
  for (const name of all)
    if (!/^[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?$/i.test(name)) place.refuse(`${quoted(name)} is not a host name`);
  return all.length === 0 ? undefined : all;
}
