import { Deadline } from "../../core/deadline.ts";
import { printable } from "../../core/text.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";
import { FIND_HOLDERS, LEASE_FOLDER, type LeaseScope, scopeName } from "./script.ts";

/** Who holds a host's lease, or has a part in it. */
export interface Holder {
  /** `ci@build-7 (acme/shop/production)` */
  readonly owner: string;
  /** Age of the lease by the host's own monotonic clock, so that no two clocks are compared. */
  readonly seconds: Seconds;
}

const OBSERVE_TIMEOUT: Seconds = 5;

/** Reads who keeps this scope from being changed, without waiting; none if the lease is free. */
export async function holdersOf(connection: Connection, scope: LeaseScope): Promise<Holder[]> {
  const argv = ["sh", "-c", FIND_HOLDERS, "slipway-holder", LEASE_FOLDER, scopeName(scope)];
  const { stdout } = await run(connection, argv, { deadline: Deadline.in(OBSERVE_TIMEOUT) });
  return parseHolders(stdout);
}

/** Pure. */
export const parseHolders = (text: string): Holder[] =>
  text.split("\n").flatMap((line) => {
    const [, age, owner] = /^(\d+) (.*)/.exec(line) ?? [];
    return age === undefined || owner === undefined ? [] : [{ owner: printable(owner), seconds: Number(age) }];
  });

/** @example describeHolder({ owner: "ci@build-7", seconds: 35 }) // "ci@build-7 since 14:02:11 (35 s)" */
export function describeHolder({ owner, seconds }: Holder): string {
  const since = new Date(Date.now() - seconds * 1000).toTimeString().slice(0, 8);
  return `${owner} since ${since} (${Math.round(seconds)} s)`;
}

export const describeHolders = (holders: readonly Holder[]): string => holders.map(describeHolder).join(", ");

/** Holders that have no name. */
export const OWN_STEP = "another step of this run";
export const UNKNOWN_HOLDER = "another process on the host";

/** @param holder as `describeHolders` writes it, or one without a name */
export function waitingText(
  host: HostName,
  holder: string,
  { soFar = 0, longest }: { readonly soFar?: Seconds; readonly longest: Seconds },
): string {
  if (holder === OWN_STEP) return `waiting for ${host}, which ${OWN_STEP} is changing`;
  const waited = soFar === 0 ? `≤ ${longest} s` : `${soFar} of ${longest} s`;
  const who = holder === UNKNOWN_HOLDER ? `${holder} is changing` : `another run is changing: ${holder}`;
  return `waiting for ${host} (${waited}), which ${who}; this one goes on when that ends, Ctrl-C gives up`;
}

const LONGEST_NAME = 100;

/** The text as others see it: one line, without control characters and changes of direction. */
export function ownerName(text: string): string {
  const line = printable(text.replace(/\s+/g, " ")).replace(/\p{Bidi_Control}/gu, "");
  return [...line].slice(0, LONGEST_NAME).join("").trim() || "unknown";
}
