import type { HostName } from "../../../core/words.ts";
import type { LoadResult } from "../../../lab/client.ts";
import type { Seen } from "./stage.ts";

/** Requests per second to each host. */
export const RATE = 50;

export function seenOf(host: HostName, { requests, failed, wrong, failures, failing }: LoadResult): Seen {
  const out = failing === undefined ? 0 : (failing.last.getTime() - failing.first.getTime()) / 1000;
  return { host, requests, failed: failed + wrong, out, reason: failures[0]?.reason ?? "" };
}
