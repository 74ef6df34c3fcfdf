import type { HostName, Seconds } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import type { Ending, Visit } from "./child-run.ts";

/** The longest that a run may take with a fault in it. */
export const RUN: Seconds = 90;
export const RESET: Seconds = 120;
/** How soon the right to change a host is free after a run. */
export const LEASE: Seconds = 2;

export const letGo: Visit = async () => undefined;

/** What users of one host saw. */
export interface Seen {
  readonly host: HostName;
  readonly requests: number;
  readonly failed: number;
  /** From the first failed request to the last. */
  readonly out: Seconds;
  /** The first reason. */
  readonly reason: string;
}

/** Hosts on which the same change is made over and over again, each time with another fault. */
export interface Stage extends AsyncDisposable {
  readonly lab: Lab;
  readonly hosts: ReadonlyMap<HostName, LabHost>;
  host(name: HostName): LabHost;
  /** A run's only way to that host. */
  relay(name: HostName): Relay;
  /** From nothing to what each run of the change begins with. */
  rebuild(): Promise<void>;
  /** Users ask all the time until the returned function is called. */
  visit(): Promise<() => Promise<Seen[]>>;
  /** One run of the change; `again`: the one that follows a run with a fault. */
  run(visit: Visit, again?: "again"): Promise<Ending>;
  /** The whole change without a fault. */
  advance(visit: Visit): Promise<void>;
  /** The change was made. */
  arrived(): void;
  /** What is not as the change should have left it, in words; none when all is. */
  problems(): Promise<string[]>;
  /** Mutations that no plan had, in words, of all runs since the last call. */
  takeUnplanned(): string[];
  /** Gets ready for the next run of the change. What keeps it from that, in words. */
  settle(): Promise<string[]>;
}

/** The lease of a host is to be had at once. */
export async function leaseProblems(name: HostName, host: LabHost): Promise<string[]> {
  const { code } = await host.sh(
    `for file in /run/lock/slipway/machine /etc/os-release; do [ ! -e $file ] || flock -w ${LEASE} $file true || exit 1; done`,
  );
  return code === 0 ? [] : [`${name}: the lease is not free within ${LEASE} s`];
}
