import { lookup } from "node:dns/promises";
import { isPrivateAddress } from "../../core/private-range.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { isPrivate, knockTwice } from "./knock.ts";

/**
 * The addresses under which the internet reaches a host: those that it has itself and that are not private. A service may listen on one and
 * not on another, as on IPv6 alone.
 *
 * @param listed output of `ip -o addr show scope global`
 */
export const publicAddresses = (listed: string): string[] => {
  const all = [...listed.matchAll(/ inet6? ([0-9a-f.:]+)\//g)].flatMap(([, address]) => address ?? []);
  return [...new Set(all)].filter((address) => !isPrivateAddress(address));
};

/** All addresses at which this machine can try a host: its public ones, and the declared one where that answers without a jump host. */
export async function addressesOf(host: Host, { report }: Run): Promise<string[]> {
  const { name, address: declared } = host;
  const [{ stdout }, answer, known] = await Promise.all([
    host.run(["ip", "-o", "addr", "show", "scope", "global"]),
    knockTwice(declared.address, declared.port),
    lookup(declared.address, { all: true }).catch(() => []),
  ]);
  const found = publicAddresses(stdout);
  if (answer !== "open") {
    if (found.length === 0)
      report.warn(`${name}: no ports were tried: this machine reaches it only through a jump host, and it has no public address`);
    return found;
  }
  if (found.length === 0 && (await isPrivate(declared.address)))
    report.say(`${name}: ports were tried over its private address ${declared.address}, not from the internet`);
  return [declared.address, ...found.filter((address) => !known.some((one) => one.address === address))];
}
