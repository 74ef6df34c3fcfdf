import { Deadline } from "../../core/deadline.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, type Lease } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";

/** How long one run waits for another that is changing the same host. */
const PATIENCE: Seconds = 600;

/** Throws when the right to change that host is gone. Asked before each change: a lease dies with its connection. */
export type Held = (host: HostName) => void;

/**
 * Does `work` while no other run can change these hosts. The leases are taken in sorted order, so that two runs that share hosts
 * cannot wait for each other.
 */
export async function withLeases<T>(
  hosts: readonly Host[],
  { owner, report }: Run,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const leases = new Map<HostName, Lease>();
  const inOrder = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
  try {
    for (const host of inOrder) {
      const waiting = (holder: string) => report.status(`waiting for ${host.name}, which ${holder} is changing`);
      leases.set(host.name, await host.lease(owner, { deadline: Deadline.in(PATIENCE), waiting }));
    }
    return await work((name) => {
      if (leases.get(name)?.lost.aborted !== false) throw new ConnectionLost(name, "its lease is gone with it");
    });
  } finally {
    await Promise.allSettled([...leases.values()].map((lease) => lease.release()));
  }
}
