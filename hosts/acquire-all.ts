import type { Deadline } from "../core/deadline.ts";
import type { HostName } from "../core/words.ts";
import type { Host } from "./host.ts";
import type { LeaseOptions } from "./lease/lease.ts";
import type { Lease } from "./lease/on-host.ts";

export interface AcquireAllOptions extends Pick<LeaseOptions, "scope" | "freeze" | "entry"> {
  /** Made when the wait for one lease begins. */
  readonly deadline: () => Deadline;
  readonly waiting: (host: HostName, holder: string) => void;
  readonly warn: (host: HostName, text: string) => void;
}

/** One machine, under each name that these hosts give it. */
type Machine = readonly [Host, ...Host[]];

/**
 * One lease for each machine, also where two of these hosts are the same one. Free leases are taken side by side. A run that must wait
 * holds only machines before that one in an order which all runs share, so that two runs cannot wait for each other.
 * The result is lost when one of them is.
 */
export async function acquireAll(
  hosts: readonly Host[],
  owner: string,
  { deadline, waiting, warn, ...same }: AcquireAllOptions,
): Promise<Lease> {
  const machines = await machinesOf(hosts);
  const options = ({ name }: Host) => ({ ...same, deadline: deadline(), warn: (text: string) => warn(name, text) });
  const tried = await Promise.allSettled(machines.map(([host]) => host.tryLease(owner, options(host))));
  const leases = tried.map((attempt) => (attempt.status === "fulfilled" ? attempt.value : undefined));
  const held: Lease[] = leases.filter((lease) => lease !== undefined);
  const releaseAll = async (result?: string) =>
    void (await Promise.allSettled(held.splice(0).map((lease) => lease.release(result))));
  try {
    for (const attempt of tried) if (attempt.status === "rejected") throw attempt.reason;
    const firstBusy = leases.indexOf(undefined);
    if (firstBusy >= 0) {
      await Promise.all(leases.slice(firstBusy).map((lease) => lease?.release()));
      held.splice(firstBusy);
      for (const [host] of machines.slice(firstBusy))
        held.push(await host.lease(owner, { ...options(host), waiting: (holder) => waiting(host.name, holder) }));
    }
  } catch (error) {
    await releaseAll();
    throw error;
  }
  const forget = machines.map(([, ...others], at) => share(held[at], others));
  return {
    lost: AbortSignal.any(held.map((lease) => lease.lost)),
    release: async (result) => {
      for (const one of forget) one();
      await releaseAll(result);
    },
  };
}

/** In the order that all runs share. */
async function machinesOf(hosts: readonly Host[]): Promise<readonly Machine[]> {
  const [only] = hosts;
  if (only === undefined) return [];
  if (hosts.length === 1) return [[only]];
  const byName = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const known = await Promise.all(byName.map(async (host) => ({ host, machine: await host.machine() })));
  const machines = new Map<string, [Host, ...Host[]]>();
  for (const { host, machine } of known) {
    const same = machines.get(machine);
    if (same === undefined) machines.set(machine, [host]);
    else same.push(host);
  }
  return [...machines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, names]) => names);
}

/** Without the lease, the machine may not be changed under its other names either. */
function share(lease: Lease | undefined, others: readonly Host[]): () => void {
  const lose = () => {
    for (const host of others) host.loseLease("the lease of its machine was lost");
  };
  lease?.lost.addEventListener("abort", lose, { once: true });
  return () => {
    lease?.lost.removeEventListener("abort", lose);
    for (const host of others) host.forgetLease();
  };
}
