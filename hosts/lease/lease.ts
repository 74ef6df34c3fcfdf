import type { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Connection } from "../ssh/connection.ts";
import { Semaphore } from "../ssh/semaphore.ts";
import { describeHolders, holdersOf, OWN_STEP, ownerName, UNKNOWN_HOLDER } from "./holder.ts";
import type { Entry } from "./journal.ts";
import { acquireOnHost, type Lease } from "./on-host.ts";
import type { LeaseScope } from "./script.ts";

export interface LeaseOptions {
  readonly deadline: Deadline;
  /** Default: the whole machine. */
  readonly scope?: LeaseScope;
  /** Called once with the holder if it is not free: `ci@build-7 since 14:02:11 (35 s)`. */
  readonly waiting?: (holder: string) => void;
  /** Default: a freeze of the app, or of any app of the machine, is obeyed: the lease is refused. */
  readonly freeze?: "obey" | "pass";
  /** What the journal of the host says of this time, if anything is changed. Default: nothing. */
  readonly entry?: Entry | undefined;
  /** Called with each weakness of the lease on this host, once for each host. */
  readonly warn?: (text: string) => void;
}

const attemptOf = ({
  scope = "machine",
  freeze = "obey",
  entry,
  warn = () => {},
}: Omit<LeaseOptions, "deadline" | "waiting">) => ({
  scope,
  freeze,
  entry,
  warn,
});

/** The leases of one host in this process. Its own callers queue here, without a channel. */
export class Leases {
  readonly #connection: Connection;
  readonly #queue = new Semaphore(1);
  readonly #warned = new Set<string>();
  #held: { readonly owner: string } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async acquire(owner: string, { deadline, waiting = () => {}, ...options }: LeaseOptions): Promise<Lease> {
    let reported = false;
    const report = (holder: string) => {
      if (!reported) waiting(holder);
      reported = true;
    };
    const leaveQueue = await this.#waitInQueue(deadline, report);
    const asked = attemptOf(options);
    const busy = () => void this.#holders(asked.scope).then(report);
    const lease = await this.#hold(ownerName(owner), leaveQueue, { ...asked, deadline, patience: "wait", busy });
    if (lease === undefined) throw this.#tooLate(await this.#holders(asked.scope));
    return lease;
  }

  /** The lease if it is free at this moment; `undefined` if this or another run holds it. */
  async tryAcquire(owner: string, { deadline, ...options }: Omit<LeaseOptions, "waiting">): Promise<Lease | undefined> {
    if (this.#queue.taken > 0) return undefined;
    const leaveQueue = await this.#queue.acquire();
    return this.#hold(ownerName(owner), leaveQueue, { ...attemptOf(options), deadline, patience: "none", busy: () => {} });
  }

  async #hold(
    owner: string,
    leaveQueue: () => void,
    attempt: Omit<Parameters<typeof acquireOnHost>[1], "owner">,
  ): Promise<Lease | undefined> {
    const warn = (text: string) => {
      if (!this.#warned.has(text)) attempt.warn(text);
      this.#warned.add(text);
    };
    const over = () => {
      this.#held = undefined;
      leaveQueue();
    };
    try {
      const lease = await acquireOnHost(this.#connection, { ...attempt, owner, warn });
      if (lease === undefined) {
        over();
        return undefined;
      }
      this.#held = { owner };
      return { lost: lease.lost, release: (result) => lease.release(result).finally(over) };
    } catch (error) {
      over();
      throw error;
    }
  }

  async #waitInQueue(deadline: Deadline, report: (holder: string) => void): Promise<() => void> {
    const held = this.#held;
    if (held !== undefined) report(OWN_STEP);
    const late = new AbortController();
    const turn = this.#queue.acquire(late.signal);
    return deadline.race(turn, () => {
      const error = this.#tooLate(held === undefined ? "this run" : `${held.owner}, in this run`);
      turn.catch(() => {});
      late.abort(error);
      return error;
    });
  }

  async #holders(scope: LeaseScope): Promise<string> {
    const holders = await holdersOf(this.#connection, scope).catch(() => []);
    return holders.length === 0 ? UNKNOWN_HOLDER : describeHolders(holders);
  }

  #tooLate(holder: string): SlipwayError {
    const { host } = this.#connection;
    return new SlipwayError({
      code: "LEASE_TIMEOUT",
      what: `timed out waiting for the lease of ${host}`,
      host,
      evidence: [`held by ${holder}`],
      servesNow: NOTHING_TOUCHED,
      next: "wait for the other run to end, then run again; the lease of a killed run is freed within 30 s",
    });
  }
}
