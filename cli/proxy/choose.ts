import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import type { Address } from "../../hosts/index.ts";
import { chosen } from "../stack/choose.ts";
import type { Machines } from "../stack/machines.ts";

/** The hosts with a proxy that are named, or all of them. A name may have wildcards. Pure. */
export function chooseProxies(hosts: Machines["hosts"], named: readonly HostName[] | undefined): Address[] {
  const all = Object.keys(hosts);
  if (all.length > 0) return chosen("host", all, named, "with a proxy in this stack").flatMap((name) => hosts[name] ?? []);
  throw new SlipwayError({
    code: "STACK_EMPTY",
    what: "this stack has no proxy",
    servesNow: NOTHING_TOUCHED,
    next: "slipway deploy runs one where a role is proxied, or name another stack with --stack",
  });
}
