import type { Milliseconds } from "../core/words.ts";

/**
 * How long a server asks to wait before the next request, as seconds or as a date: RFC 9110, section 10.2.3.
 *
 * @returns undefined if it does not say, or says something else
 * @example retryAfter(new Headers({ "retry-after": "2" }), Date.now()) // 2000
 */
export function retryAfter(headers: Headers, now: number): Milliseconds | undefined {
  const written = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1000;
  const date = Date.parse(written);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
