import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { acquireAll, type Host, type Lease } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";

/** How long a run waits for another run that is changing the same host. */
const PATIENCE: Seconds = 600;

/**
 * Does `work` while no other run can change these hosts. Once a lease is lost, each further call to its host throws `ConnectionLost`:
 * the connection sees to that, so no step has to ask.
 */
export async function withLeases<T>(
  hosts: readonly Host[],
  { owner, report, cancelled }: Run,
  work: () => Promise<T>,
): Promise<T> {
  const acquired = acquireAll(hosts, owner, {
    deadline: () => Deadline.in(PATIENCE),
    waiting: (host, holder) => report.status(`waiting for ${host}, which ${holder} is changing`),
    warn: (host, text) => report.warn(`${host}: ${text}`),
  });
  const leases = await untilCancelled(acquired, cancelled);
  try {
    return await work();
  } finally {
    await leases.release();
  }
}

/** A lease that comes after all goes at once. */
async function untilCancelled(acquired: Promise<Lease>, cancelled: AbortSignal | undefined): Promise<Lease> {
  if (cancelled === undefined) return acquired;
  let stop = () => {};
  const over = new Promise<never>((_resolve, reject) => {
    stop = () => reject(wasCancelled());
    if (cancelled.aborted) stop();
    else cancelled.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([acquired, over]);
  } catch (thrown) {
    acquired.then(
      (late) => late.release(),
      () => {},
    );
    throw thrown;
  } finally {
    cancelled.removeEventListener("abort", stop);
  }
}

const wasCancelled = (): SlipwayError =>
  new SlipwayError({
    code: "RUN_FAILED",
    what: "cancelled while it waited for another run that changes the same host",
    servesNow: NOTHING_TOUCHED,
    next: "wait for that run to end (slipway status names it), then run pulumi up again",
  });
