import { appendFileSync } from "node:fs";
import type { HostName, Milliseconds } from "../../core/words.ts";

/** One thing that was asked of a host. Never a body, a header or a secret. */
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

/** Sees what is asked of hosts. Its functions need no `this`, so one trace can be made from another by spreading. */
export interface Trace {
  /** Hears of every connection, channel and Docker request when it is done. */
  readonly done: (event: TraceEvent) => void;
  /** Runs each call that changes a host, and no other. Who wants to act just before or just after one (the fault rig) stands here. */
  readonly around: <T>(change: Change, run: () => Promise<T>) => Promise<T>;
}

/**
 * Appends one JSON line for each event to `file`; without a file, nothing.
 *
 * @example new Hosts(access, traceTo(process.env.SLIPWAY_TRACE))
 */
export const traceTo = (file: string | undefined): Trace => ({
  done:
    file === undefined || file === ""
      ? () => {}
      : // Written at once, so that a killed run loses no line.
        ({ ms, ...event }) =>
          appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...event, ms: Math.round(ms * 10) / 10 })}\n`),
  around: (_change, run) => run(),
});
