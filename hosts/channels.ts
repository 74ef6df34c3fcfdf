import { Turns } from "./turns.ts";

/** What a channel is used for. */
export type Use = "lease" | "events" | "stream" | "request" | "command";

/**
 * How many channels of a connection each use may hold. Together 8, below sshd's default of 10 sessions. Fixed shares instead of
 * one pot: a use that blocks for long (a drain, a pull, a lease) can never starve one that somebody waits for, so nothing deadlocks.
 */
export const SHARES: Readonly<Record<Use, number>> = { lease: 1, events: 1, stream: 2, request: 2, command: 2 };

/** The turns of one connection. */
export const sharesOf = (): Readonly<Record<Use, Turns>> => ({
  lease: new Turns(SHARES.lease),
  events: new Turns(SHARES.events),
  stream: new Turns(SHARES.stream),
  request: new Turns(SHARES.request),
  command: new Turns(SHARES.command),
});
