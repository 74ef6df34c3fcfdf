import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { acquireAll, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";

/** How long a run waits for another run that is changing the same host. */
const PATIENCE: Seconds = 600;

/**
 * Does `work` while no other run can change these hosts. Once a lease is lost, each further call to its host throws `ConnectionLost`:
 * the connection sees to that, so no step has to ask.
 */
export async function withLeases<T>(hosts: readonly Host[], { owner, report }: Run, work: () => Promise<T>): Promise<T> {
  const leases = await acquireAll(hosts, owner, {
    deadline: () => Deadline.in(PATIENCE),
    waiting: (host, holder) => report.status(`waiting for ${host}, which ${holder} is changing`),
    warn: (host, text) => report.warn(`${host}: ${text}`),
  });
  try {
    return await work();
  } finally {
    await leases.release();
  }
}
