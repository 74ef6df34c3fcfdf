import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host, Lease } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";

/** How long a run waits for another run that is changing the same host. */
const PATIENCE: Seconds = 600;

/**
 * Does `work` while no other run can change these hosts. Once a lease is lost, each further call to its host throws `ConnectionLost`:
 * the connection sees to that, so no step has to ask. The leases are taken in sorted order, so that two runs that share hosts cannot
 * wait for each other.
 */
export async function withLeases<T>(hosts: readonly Host[], { owner, report }: Run, work: () => Promise<T>): Promise<T> {
  const leases: Lease[] = [];
  const inOrder = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
  try {
    for (const host of inOrder) {
      const waiting = (holder: string) => report.status(`waiting for ${host.name}, which ${holder} is changing`);
      leases.push(await host.lease(owner, { deadline: Deadline.in(PATIENCE), waiting }));
    }
    return await work();
  } finally {
    await Promise.allSettled(leases.map((lease) => lease.release()));
  }
}
