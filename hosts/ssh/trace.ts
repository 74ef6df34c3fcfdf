import { appendFileSync } from "node:fs";
import type { HostName, Milliseconds } from "../../core/words.ts";

/** One request to a host. It never contains a body, a header or a secret. */
export interface TraceEvent {
  readonly host: HostName;
  readonly kind: "connect" | "channel" | "docker";
  readonly what: string;
  readonly ms: Milliseconds;
}

/** A call that is about to change a host: `start container`, `kamal-proxy deploy shop-web`. */
export interface Change {
  readonly host: HostName;
  readonly what: string;
}

/** Observes all requests to hosts. Its functions do not use `this`, so a trace can be made by spreading another. */
export interface Trace {
  /** Called after every connection, channel and Docker request. */
  readonly done: (event: TraceEvent) => void;
  /** Runs each call that changes a host, and no other. The fault rig acts here, just before or just after a change. */
  readonly around: <T>(change: Change, run: () => Promise<T>) => Promise<T>;
}

/**
 * Appends one JSON line for each event to `file`; without a file, does nothing.
 *
 * @example new Hosts(access, traceTo(process.env.SLIPWAY_TRACE))
 */
export const traceTo = (file: string | undefined): Trace => ({
  done:
    file === undefined || file === ""
      ? () => {}
      : // Written synchronously, so that a killed run loses no line.
        ({ ms, ...event }) =>
          appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...event, ms: Math.round(ms * 10) / 10 })}\n`),
  around: (_change, run) => run(),
});
