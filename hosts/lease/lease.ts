import type { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Connection } from "../ssh/connection.ts";
import { Semaphore } from "../ssh/semaphore.ts";
import { describeHolder, holderOf, ownerName } from "./holder.ts";
import { acquireOnHost, type Lease } from "./on-host.ts";

export interface LeaseOptions {
  readonly deadline: Deadline;
  /** Called once with the holder if it is not free: `ci@build-7 since 14:02:11 (35 s)`. */
  readonly waiting?: (holder: string) => void;
  /** Called with each weakness of the lease on this host, once for each host. */
  readonly warn?: (text: string) => void;
}

/** The leases of one host in this process. Its own callers queue here, without a channel. */
export class Leases {
  readonly #connection: Connection;
  readonly #queue = new Semaphore(1);
  readonly #warned = new Set<string>();
  #held: { readonly owner: string; readonly since: number } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async acquire(owner: string, { deadline, waiting = () => {}, warn = () => {} }: LeaseOptions): Promise<Lease> {
    let reported = false;
    const report = (holder: string) => {
      if (!reported) waiting(holder);
      reported = true;
    };
    const leaveQueue = await this.#waitInQueue(deadline, report);
    const busy = () => void this.#holder().then(report);
    const lease = await this.#hold(ownerName(owner), leaveQueue, { deadline, patience: "wait", busy, warn });
    if (lease === undefined) throw this.#tooLate(await this.#holder());
    return lease;
  }

  /** The lease if it is free at this moment; `undefined` if this or another run holds it. */
  async tryAcquire(owner: string, { deadline, warn = () => {} }: Omit<LeaseOptions, "waiting">): Promise<Lease | undefined> {
    if (this.#queue.taken > 0) return undefined;
    const leaveQueue = await this.#queue.acquire();
    return this.#hold(ownerName(owner), leaveQueue, { deadline, patience: "none", busy: () => {}, warn });
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
      this.#held = { owner, since: performance.now() };
      return { lost: lease.lost, release: () => lease.release().finally(over) };
    } catch (error) {
      over();
      throw error;
    }
  }

  async #waitInQueue(deadline: Deadline, report: (holder: string) => void): Promise<() => void> {
    const held = this.#held;
    if (held !== undefined)
      report(`${describeHolder({ owner: held.owner, seconds: (performance.now() - held.since) / 1000 })}, in this run`);
    const late = new AbortController();
    const turn = this.#queue.acquire(late.signal);
    return deadline.race(turn, () => {
      const error = this.#tooLate(held === undefined ? "this run" : `${held.owner}, in this run`);
      turn.catch(() => {});
      late.abort(error);
      return error;
    });
  }

  async #holder(): Promise<string> {
    const holder = await holderOf(this.#connection).catch(() => undefined);
    return holder === undefined ? "another process on the host" : describeHolder(holder);
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
