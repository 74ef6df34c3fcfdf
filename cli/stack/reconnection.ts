import { setTimeout as pause } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { reasonOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { duration } from "../terminal/format.ts";

/** How soon a change on the host is seen. */
const POLL_INTERVAL: Milliseconds = 500;

export interface ReconnectionOptions {
  readonly host: Host;
  /** How long a lost host is retried. */
  readonly timeout: Seconds;
  /** What ends when that is over: `the tunnel`. */
  readonly work: string;
  /** What to do then. */
  readonly next: string;
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Repeats work on one host, over lost connections: a command that follows something outlives a reboot, or a laptop that sleeps. */
export class Reconnection {
  readonly #options: ReconnectionOptions;
  #lostUntil: Deadline | undefined;

  constructor(options: ReconnectionOptions) {
    this.#options = options;
  }

  /**
   * Repeats it until the signal. Rejects when the host stays unreachable.
   *
   * @param poll looks at the host once; it calls `reached` if it does not end soon after the host has answered
   */
  async repeat(poll: (reached: () => void) => Promise<void>): Promise<void> {
    const { signal } = this.#options;
    const reached = () => this.#reached();
    while (!signal.aborted) {
      try {
        await poll(reached);
        reached();
      } catch (thrown) {
        if (signal.aborted) return;
        if (this.#lostUntil?.passed) throw this.#failed(thrown);
        this.lost(thrown);
      }
      await pause(POLL_INTERVAL, undefined, { signal }).catch(() => {});
    }
  }

  /** Reports a failure, also of work beside `repeat`. Only the first one is shown. */
  lost(thrown: unknown): void {
    const { host, timeout, notice, signal } = this.#options;
    if (this.#lostUntil !== undefined || signal.aborted) return;
    this.#lostUntil = Deadline.in(timeout);
    notice(`${host.name}: ${reasonFor(thrown, host)}; retrying for up to ${duration(timeout)}`);
  }

  #reached(): void {
    const { host, notice } = this.#options;
    if (this.#lostUntil !== undefined) notice(`${host.name}: reached again`);
    this.#lostUntil = undefined;
  }

  #failed(thrown: unknown): SlipwayError {
    const { host, timeout, work, next } = this.#options;
    return new SlipwayError(
      {
        code: "CONNECTION_LOST",
        what: `${work} ended: could not reconnect to ${host.name} within ${duration(timeout)}`,
        host: host.name,
        evidence: [reasonFor(thrown, host)],
        servesNow: `what served before; ${host.name} is unreachable`,
        next,
      },
      { cause: thrown },
    );
  }
}

/** A stream that is cut off fails with `aborted`, without a reason. */
function reasonFor(thrown: unknown, { name }: Host): string {
  const isCut = thrown instanceof Error && "code" in thrown && thrown.code === "ECONNRESET";
  return isCut ? "the connection was lost" : reasonOf(thrown, name);
}
