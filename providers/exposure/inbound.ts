import { lookup } from "node:dns/promises";
import { isPrivateAddress } from "../../core/private-range.ts";
import type { HostName } from "../../core/words.ts";
import { type Answer, knockAll } from "./knock.ts";

/** What a port at which visitors arrive answers to this machine. */
export interface Inbound {
  readonly port: number;
  readonly answer: Answer;
}

/** What ports answer at the public one of these addresses. A private network says nothing of visitors: then nothing is tried. */
export async function knockInbound(addresses: readonly string[], ports: readonly number[]): Promise<Inbound[]> {
  const [address] = addresses.filter((one) => !isPrivateAddress(one));
  if (address === undefined || ports.length === 0) return [];
  const answers = await knockAll(ports.map((port) => ({ address, port })));
  return answers.map(({ target, answer }) => ({ port: target.port, answer }));
}

/** The addresses that a host's name leads to; empty where it is an alias of ~/.ssh/config. */
export const addressesAt = async (address: string): Promise<string[]> =>
  (await lookup(address, { all: true }).catch(() => [])).map((one) => one.address);

/** What silence means, and what to do about it. `undefined` where no port is silent. Pure. */
export function silenceIn(
  inbound: readonly Inbound[],
  host: { readonly name: HostName; readonly address: string },
): { readonly found: string; readonly next: string } | undefined {
  const silent = inbound.filter(({ answer }) => answer === "silent").map(({ port }) => port);
  if (silent.length === 0) return undefined;
  return {
    found: `${portsText(silent)} of ${host.address} ${silent.length === 1 ? "does" : "do"} not answer this machine: a firewall in between drops its packets`,
    next: `open TCP ${silent.join(" and ")} for ${host.name} in the provider's firewall (security group); fine if only a load balancer may reach it`,
  };
}

export const portsText = (ports: readonly number[]): string => `port${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;
