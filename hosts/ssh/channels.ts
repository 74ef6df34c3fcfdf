import { Semaphore } from "./semaphore.ts";

export type Use = "lease" | "watch" | "events" | "stream" | "request" | "command" | "follow" | "tunnel";

/**
 * How many channels of a connection each use may have open. Fixed shares instead of one pool: a use that blocks for long (a drain, a
 * pull, a lease) never starves another, so nothing deadlocks.
 *
 * Only `lease`, `watch` and `command` are sessions, of which sshd allows 10 by default. The others forward to Docker's socket or to a port,
 * which sshd does not count. `stream` allows every switch on a host to drain at the same time; `follow` (logs, a command's terminal)
 * is one for each container, for as long as a person watches; `tunnel` is as large as the connection pools of some clients.
 */
export const SHARES: Readonly<Record<Use, number>> = {
  lease: 1,
  watch: 4,
  events: 1,
  stream: 16,
  request: 8,
  command: 2,
  follow: 64,
  tunnel: 256,
};

/** The semaphores of one connection. */
export const createShares = (): Readonly<Record<Use, Semaphore>> => ({
  lease: new Semaphore(SHARES.lease),
  watch: new Semaphore(SHARES.watch),
  events: new Semaphore(SHARES.events),
  stream: new Semaphore(SHARES.stream),
  request: new Semaphore(SHARES.request),
  command: new Semaphore(SHARES.command),
  follow: new Semaphore(SHARES.follow),
  tunnel: new Semaphore(SHARES.tunnel),
});
