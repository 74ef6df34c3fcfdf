import type { Run } from "../pulumi/provider.ts";
import { askFor, awaitedOn } from "../steps/certificate.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { routeOf } from "./live.ts";
import type { Targets } from "./targets.ts";

/**
 * Asks the proxies for their certificates from Let's Encrypt, so that they get new ones now and not with the first visitor, and warns of
 * each that is missing. The release has succeeded by then: its containers serve, and the next attempt is the proxy's own.
 */
export function askForCertificates({ roles }: ReleaseInputs, before: Fleet, targets: Targets, run: Run): Promise<void> {
  const all = Object.entries(roles).flatMap(([role, { proxy, hosts }]) =>
    hosts.flatMap((host) => awaitedOn(host, proxy, routeOf(before[host], role)?.options)),
  );
  return askFor(all, (name) => targets.get(name), run);
}
