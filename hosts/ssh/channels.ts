import { Turns } from "./turns.ts";

/** What a channel is used for. */
export type Use = "lease" | "events" | "stream" | "request" | "command" | "follow" | "tunnel";

/**
 * How many channels of a connection each use may hold. Fixed shares instead of one pot: a use that blocks for long (a drain, a pull,
 * a lease) can never starve one that somebody waits for, so nothing deadlocks.
 *
 * Only `lease` and `command` are sessions, of which sshd allows 10 by default. The others forward to Docker's socket, which sshd does
 * not count: `stream` has a place for every switch that can drain at once on a host, `follow` (logs, a command's terminal) lasts as
 * long as a person looks, one for each container. Nor does it count those to a port: `tunnel` is as large as the pools of some clients.
 */
export const SHARES: Readonly<Record<Use, number>> = {
  lease: 1,
  events: 1,
  stream: 16,
  request: 2,
  command: 2,
  follow: 64,
  tunnel: 256,
};

/** The turns of one connection. */
export const sharesOf = (): Readonly<Record<Use, Turns>> => ({
  lease: new Turns(SHARES.lease),
  events: new Turns(SHARES.events),
  stream: new Turns(SHARES.stream),
  request: new Turns(SHARES.request),
  command: new Turns(SHARES.command),
  follow: new Turns(SHARES.follow),
  tunnel: new Turns(SHARES.tunnel),
});
