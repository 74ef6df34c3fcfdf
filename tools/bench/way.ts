import type { Milliseconds } from "../../core/words.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Relay } from "../../lab/relay.ts";

interface Spot {
  readonly address: string;
  readonly port?: number;
}

/** How SSH gets to hosts: on the lab's own network, or a longer way. */
export interface Way extends AsyncDisposable {
  /** A part of names: stacks of both kinds live side by side. */
  readonly name: string;
  readonly rtt: Milliseconds;
  /** As `servers.<role>.hosts` has it. */
  to(hosts: readonly LabHost[]): Record<string, Spot>;
}

export const direct = (hosts: readonly LabHost[]): Way =>
  wayOf(new Map(hosts.map(({ name, address }) => [name, { address }])), [], 0);

/** Through relays that delay every byte: the kernel of the lab has no netem. */
export async function longer(hosts: readonly LabHost[], rtt: Milliseconds): Promise<Way> {
  if (rtt === 0) return direct(hosts);
  const relays = await Promise.all(hosts.map((host) => host.relay()));
  for (const relay of relays) relay.delay(rtt / 2);
  const spots = hosts.map(({ name }, at): [string, Spot] => [
    name,
    { address: relays[at]?.address ?? "", port: relays[at]?.port ?? 22 },
  ]);
  return wayOf(new Map(spots), relays, rtt);
}

const wayOf = (spots: ReadonlyMap<string, Spot>, relays: readonly Relay[], rtt: Milliseconds): Way => ({
  name: rtt === 0 ? "" : `far${rtt}`,
  rtt,
  to: (hosts) => Object.fromEntries(hosts.map(({ name }) => [name, spots.get(name) ?? { address: name }])),
  [Symbol.asyncDispose]: async () => {
    await Promise.all(relays.map((relay) => relay.close()));
  },
});
