import type { Entry, Host, Lease } from "../../../hosts/index.ts";
import { throughLosses } from "../../../providers/steps/reconnect.ts";
import { leaseOf } from "../../stack/lease.ts";
import { notice } from "../../terminal/failure.ts";

/** The right to change a host, taken again after the connection was lost. */
export class HeldLease implements AsyncDisposable {
  readonly #host: Host;
  readonly #owner: string;
  readonly #entry: Entry | undefined;
  /** For the journal of the host. */
  result = "failed";
  /** Absent between two. */
  #lease: Lease | undefined;

  private constructor(host: Host, owner: string, entry: Entry | undefined, lease: Lease) {
    this.#host = host;
    this.#owner = owner;
    this.#entry = entry;
    this.#lease = lease;
  }

  static async of(host: Host, owner: string, entry?: Entry): Promise<HeldLease> {
    return new HeldLease(host, owner, entry, await leaseOf(host, owner, entry));
  }

  /**
   * Does `work`, and again when the connection was lost meanwhile: it must go on from what it finds.
   *
   * @param where what serves, for the case that the connection does not come back; and what to do then
   */
  through<T>(work: () => Promise<T>, where: { readonly servesNow: string; readonly next: string }): Promise<T> {
    const report = { status() {}, say: notice, warn: notice };
    return throughLosses(
      report,
      () => ({ ...where, host: this.#host.name }),
      async (attempt) => {
        if (attempt > 1) await this.#again();
        return work();
      },
    );
  }

  async #again(): Promise<void> {
    await this[Symbol.asyncDispose]();
    this.#lease = await leaseOf(this.#host, this.#owner, this.#entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lease = this.#lease;
    this.#lease = undefined;
    await lease?.release(this.result);
  }
}
