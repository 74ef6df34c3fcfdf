import { appendFileSync } from "node:fs";
import type { HostName, Milliseconds } from "../core/words.ts";

/** One thing that was asked of a host. Never a body, a header or a secret. */
export interface TraceEvent {
  readonly host: HostName;
  readonly kind: "connect" | "channel" | "docker";
  readonly what: string;
  readonly ms: Milliseconds;
}

/** Hears of every connection, channel and Docker request when it is done. */
export type Trace = (event: TraceEvent) => void;

/**
 * Appends one JSON line for each event to `file`; without a file, nothing.
 *
 * @example new Hosts(access, traceTo(process.env.SLIPWAY_TRACE))
 */
export const traceTo = (file: string | undefined): Trace =>
  file === undefined || file === ""
    ? () => {}
    : // Written at once, so that a killed run loses no line.
      ({ ms, ...event }) =>
        appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...event, ms: Math.round(ms * 10) / 10 })}\n`);
