import { Deadline } from "../../core/deadline.ts";
import { freezeIn } from "../../core/despite-freeze.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { type Entry, type Host, type Lease, waitingText } from "../../hosts/index.ts";
import { notice } from "../terminal/failure.ts";

/** How long a command waits for another run that is changing the host. */
const PATIENCE: Seconds = 600;

/**
 * The right to change a host. While another run has it, this prints whom it waits for; a freeze of an app there is an error.
 *
 * @param entry for the journal of the host, if anything is changed
 */
export const leaseOf = (host: Host, owner: string, entry?: Entry): Promise<Lease> =>
  host.lease(owner, {
    entry,
    freeze: freezeIn(process.env),
    deadline: Deadline.in(PATIENCE),
    waiting: (holder) => notice(waitingText(host.name, holder, { longest: PATIENCE })),
    warn: notice,
  });

/** Does `work` under a lease and releases it; the journal of the host says how it ended. */
export async function under<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  let result = "done";
  try {
    return await work();
  } catch (thrown) {
    result = failed(thrown);
    throw thrown;
  } finally {
    await lease.release(result);
  }
}

/** By its code alone: what else an error says may hold a secret. */
const failed = (thrown: unknown): string => `failed${thrown instanceof SlipwayError ? ` (${thrown.story.code})` : ""}`;

/** Does `work`, beside a line in the journal of the host that it has begun. A host that cannot write it is named, and no reason to stop. */
export async function noted<T>(host: Host, entry: Entry, work: () => Promise<T>): Promise<T> {
  const written = host.note(entry, "began").catch(() => notice(`${host.name}: could not write this to its journal`));
  try {
    return await work();
  } finally {
    await written;
  }
}
