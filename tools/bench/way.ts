import type { Milliseconds } from "../../core/words.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Relay } from "../../lab/relay.ts";
import { NO_TRAFFIC, type Traffic, trafficSince } from "../../lab/traffic.ts";

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
export const longer = async (hosts: readonly LabHost[], rtt: Milliseconds): Promise<Way> =>
  rtt === 0 ? direct(hosts) : counted(hosts, rtt);

/** A way that counts what goes through it, for each host. */
export interface CountedWay extends Way {
  /** Starts counting; the returned function says what has gone through since. */
  count(): () => Traffic[];
}

/** Through relays also without a delay. */
export async function counted(hosts: readonly LabHost[], rtt: Milliseconds): Promise<CountedWay> {
  const relays = await Promise.all(hosts.map((host) => host.relay()));
  for (const relay of relays) relay.delay(rtt / 2);
  const spots = hosts.map(({ name }, at): [string, Spot] => [
    name,
    { address: relays[at]?.address ?? "", port: relays[at]?.port ?? 22 },
  ]);
  return {
    ...wayOf(new Map(spots), relays, rtt),
    count() {
      const before = relays.map(({ traffic }) => traffic);
      return () => relays.map(({ traffic }, at) => trafficSince(before[at] ?? NO_TRAFFIC, traffic));
    },
  };
}

const wayOf = (spots: ReadonlyMap<string, Spot>, relays: readonly Relay[], rtt: Milliseconds): Way => ({
  name: rtt === 0 ? "" : `far${rtt}`,
  rtt,
  to: (hosts) => Object.fromEntries(hosts.map(({ name }) => [name, spots.get(name) ?? { address: name }])),
  [Symbol.asyncDispose]: async () => {
    await Promise.all(relays.map((relay) => relay.close()));
  },
});
