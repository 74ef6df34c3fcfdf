import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { hostNames } from "../../core/host-names.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { acquireAll, type Host, type Lease, type LeaseScope, waitingText } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { failureFor } from "../pulumi/recording.ts";
import { ticking } from "./ticking.ts";

/** How long a run waits for another run that is changing the same host. */
const PATIENCE: Seconds = 600;

/**
 * Does `work` while no other run can change these hosts, or this app on them: what belongs to the machine, or to several apps, needs all of
 * it. Once a lease is lost, each further call to its host throws `ConnectionLost`:
 * the connection sees to that, so no step has to ask.
 *
 * @param what is done, for the journal of each host that it changes; default: the resource
 */
export async function withLeases<T>(
  hosts: readonly Host[],
  { owner, report, cancelled, recording }: Run,
  work: () => Promise<T>,
  scope: LeaseScope = "machine",
  what = recording?.what,
): Promise<T> {
  const waited = new Set<HostName>();
  let show = () => {};
  const acquired = acquireAll(hosts, holderName(owner, scope), {
    scope,
    ...(recording && { freeze: recording.freeze, entry: { who: owner, what: `${recording.command}: ${what}` } }),
    deadline: () => Deadline.in(PATIENCE),
    waiting: (host, holder) => {
      waited.add(host);
      const start = performance.now();
      show = () => {
        const soFar = Math.round((performance.now() - start) / 1000);
        report.status(waitingText(host, holder, { soFar, longest: PATIENCE }));
      };
      show();
    },
    warn: (host, text) => report.warn(`${host}: ${text}`),
  });
  const leases = await ticking(() => show(), untilCancelled(acquired, cancelled));
  // Else its row would go on to say that it waits, and for ever if nothing more is said.
  if (waited.size > 0) report.status(`changing ${hostNames(waited)}`);
  let result = "done";
  try {
    return await work();
  } catch (thrown) {
    result = failureFor(thrown, recording?.hide ?? (() => ""));
    throw thrown;
  } finally {
    await leases.release(result);
  }
}

/** As others see it who wait. @example holderName("ci@build-7 (shop/production)", { app: "shop-production" }) */
const holderName = (owner: string, scope: LeaseScope): string =>
  scope === "machine" ? owner : `${owner} releasing ${scope.app}`;

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
