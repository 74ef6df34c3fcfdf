import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../core/error.ts";
import type { Milliseconds } from "../../core/words.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";

/**
 * Docker does not pass on how long a registry asks to wait. What lasts longer than this, with the tries in between, is no passing refusal; a
 * try that itself lasts longer has been answered before, and the time begins again.
 */
const BUSY: Milliseconds = 30_000;
const MOST_TRIES = 8;
const FIRST_WAIT: Milliseconds = 1000;

/** What a registry says that is busy or restarts, in Docker's words. A missing image, a wrong login or a full disk is not among them. */
const PASSING =
  /\b(?:429|50[0234])\b|toomanyrequests|too many requests|connection reset|unexpected EOF|i\/o timeout|TLS handshake timeout/i;
/** The registry knows the login, or has accepted it, and does not let it in. */
const DENIED = /\b401\b|unauthorized|authentication required|access denied|\b403\b|forbidden/i;

/** @example isPassing(new Error("toomanyrequests: Rate exceeded")) // true */
export const isPassing = (thrown: unknown): boolean =>
  !(thrown instanceof ConnectionLost) && PASSING.test(messageOf(thrown)) && !isDenied(thrown);

/** @example isDenied(new Error("unauthorized: authentication required")) // true */
export const isDenied = (thrown: unknown): boolean => DENIED.test(messageOf(thrown));

export interface Tries {
  readonly signal?: AbortSignal;
  /** Called before each wait. */
  readonly waiting?: (wait: Milliseconds) => void;
  /** Default: waits. */
  readonly pause?: (wait: Milliseconds, signal: AbortSignal | undefined) => Promise<unknown>;
}

const waitFor = (wait: Milliseconds, signal: AbortSignal | undefined): Promise<unknown> =>
  sleep(wait, undefined, signal === undefined ? {} : { signal });

/**
 * Asks a busy registry again, with longer and longer waits, for half a minute; never at the same moment as another host that was refused
 * with this one. Rejects at once with anything else that it says.
 */
export async function severalTries<T>(
  ask: () => Promise<T>,
  { signal, waiting = () => {}, pause = waitFor }: Tries = {},
): Promise<T> {
  let [busy, next] = [0, FIRST_WAIT];
  for (let nth = 1; ; nth += 1, next *= 2) {
    const begun = performance.now();
    try {
      return await ask();
    } catch (thrown) {
      const lasted = performance.now() - begun;
      if (nth === 1 || lasted > BUSY) [busy, next] = [0, FIRST_WAIT];
      else busy += lasted;
      const wait = next * (0.5 + Math.random());
      if (nth === MOST_TRIES || busy + wait > BUSY || signal?.aborted || !isPassing(thrown)) throw thrown;
      waiting(wait);
      await pause(wait, signal);
      busy += wait;
    }
  }
}
