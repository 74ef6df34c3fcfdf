import { setTimeout as sleep } from "node:timers/promises";
import type { Deadline } from "../core/deadline.ts";
import type { Reference } from "../core/image-reference.ts";
import type { Milliseconds } from "../core/words.ts";
import { codeOf, unreachable } from "./faults.ts";
import { retryAfter } from "./retry-after.ts";

const BUSY = new Set([429, 500, 502, 503, 504]);
const FIRST_PAUSE: Milliseconds = 200;

/**
 * One request to a registry, or to what gives tokens for it. It is retried with jitter until the deadline if the server is busy or the
 * connection breaks, not before the time that the server asks for. A server that asks for more than is left is not waited for.
 *
 * @param reference names the registry in errors
 */
export async function request(reference: Reference, url: string, init: RequestInit, deadline: Deadline): Promise<Response> {
  for (let pause = FIRST_PAUSE; ; pause *= 2) {
    let wait = pause * (0.75 + Math.random() / 2);
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(Math.ceil(deadline.remaining) + 1) });
      if (!BUSY.has(answer.status)) return answer;
      wait = Math.max(wait, retryAfter(answer.headers, Date.now()) ?? 0);
      if (!isWorth(wait, deadline)) return answer;
      await answer.body?.cancel();
    } catch (thrown) {
      if (!isTransient(thrown) || !isWorth(wait, deadline)) throw unreachable(reference, thrown);
    }
    await sleep(wait);
  }
}

/** Whether there is still time for an answer after the wait. */
const isWorth = (wait: Milliseconds, deadline: Deadline): boolean => wait + FIRST_PAUSE < deadline.remaining;

const TRANSIENT = new Set(["ECONNRESET", "EPIPE", "EAI_AGAIN", "UND_ERR_SOCKET"]);
const isTransient = (thrown: unknown): boolean => TRANSIENT.has(codeOf(thrown));
