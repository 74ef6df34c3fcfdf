import { Deadline } from "../../core/deadline.ts";
import { printable } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";
import { FIND_HOLDER, LEASE_FOLDER } from "./script.ts";

/** The holder of a host's lease. */
export interface Holder {
  /** `ci@build-7 (acme/shop/production)` */
  readonly owner: string;
  /** Age of the lease by the host's own monotonic clock, so that no two clocks are compared. */
  readonly seconds: Seconds;
}

const OBSERVE_TIMEOUT: Seconds = 5;

/** Reads who holds the lease, without waiting; `undefined` if it is free. */
export async function holderOf(connection: Connection): Promise<Holder | undefined> {
  const argv = ["sh", "-c", FIND_HOLDER, "slipway-holder", LEASE_FOLDER];
  const { stdout } = await run(connection, argv, { deadline: Deadline.in(OBSERVE_TIMEOUT) });
  const [, age, owner] = /^(\d+) (.*)/.exec(stdout) ?? [];
  return age === undefined || owner === undefined ? undefined : { owner: printable(owner), seconds: Number(age) };
}

/** @example describeHolder({ owner: "ci@build-7", seconds: 35 }) // "ci@build-7 since 14:02:11 (35 s)" */
export function describeHolder({ owner, seconds }: Holder): string {
  const since = new Date(Date.now() - seconds * 1000).toTimeString().slice(0, 8);
  return `${owner} since ${since} (${Math.round(seconds)} s)`;
}

const LONGEST_NAME = 100;

/** The text as others see it: one line, without control characters and changes of direction. */
export function ownerName(text: string): string {
  const line = printable(text.replace(/\s+/g, " ")).replace(/\p{Bidi_Control}/gu, "");
  return [...line].slice(0, LONGEST_NAME).join("").trim() || "unknown";
}
