import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Host } from "../../hosts/index.ts";

/** Networks that a container is to be in beside its own one. */
export interface NetworkClaim {
  readonly networks: readonly string[];
  /** Where they are declared: `slipway:servers.web.options.network`. */
  readonly keyOf: string;
}

/** Throws if one of them is not on the host. It is not created: it is that of others, with a driver and addresses that they chose. */
export async function requireNetworks(
  { name: host, docker }: Pick<Host, "name"> & { readonly docker: Pick<Host["docker"], "network"> },
  claims: readonly NetworkClaim[],
): Promise<void> {
  const names = [...new Set(claims.flatMap(({ networks }) => networks))].sort();
  const found = await Promise.all(names.map(async (name) => ((await docker.network(name)) === undefined ? [name] : [])));
  const [missing, ...others] = found.flat();
  if (missing === undefined) return;
  const keys = claims.filter(({ networks }) => networks.includes(missing)).map(({ keyOf }) => keyOf);
  throw new SlipwayError({
    code: "NETWORK_MISSING",
    what: `there is no Docker network ${[missing, ...others].join(", ")}`,
    host,
    evidence: keys,
    servesNow: NOTHING_TOUCHED,
    next: `create it there (docker network create ${missing}), or correct the name in ${keys[0]}, then run pulumi up again`,
  });
}
