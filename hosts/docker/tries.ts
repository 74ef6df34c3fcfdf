import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../core/error.ts";
import type { Milliseconds } from "../../core/words.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";

const TRIES = 3;
const FIRST_WAIT: Milliseconds = 1000;

/** What a registry says that is busy or restarts, in Docker's words. A missing image, a wrong login or a full disk is not among them. */
const PASSING =
  /\b(?:429|50[0234])\b|toomanyrequests|too many requests|connection reset|unexpected EOF|i\/o timeout|TLS handshake timeout/i;

/** @example isPassing(new Error("toomanyrequests: Rate exceeded")) // true */
export const isPassing = (thrown: unknown): boolean => !(thrown instanceof ConnectionLost) && PASSING.test(messageOf(thrown));

/**
 * Asks a registry, up to three times. Between them are about 1 s and 3 s, never the same for two hosts that were refused at one moment.
 */
export async function severalTries<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let left = TRIES - 1, wait = FIRST_WAIT; ; left -= 1, wait *= 3) {
    try {
      return await ask();
    } catch (thrown) {
      if (left === 0 || signal?.aborted || !isPassing(thrown)) throw thrown;
      await sleep(wait * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal });
    }
  }
}
