import { InvalidArgumentError } from "commander";
import type { Seconds } from "../../core/words.ts";

const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const LONGEST: Seconds = 366 * UNITS.d;

/** @example parseSpan("1h30m") // 5400 */
export function parseSpan(text: string): Seconds {
  const parts = /^(?:(\d{1,8})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m(?:in)?)?(?:(\d{1,8})s)?$/.exec(text.replaceAll(" ", ""));
  const [, ...amounts] = parts ?? [];
  const seconds = Object.values(UNITS).reduce((sum, unit, at) => sum + Number(amounts[at] ?? 0) * unit, 0);
  if (seconds > 0 && seconds <= LONGEST) return seconds;
  throw new InvalidArgumentError(seconds > LONGEST ? "It must be at most 366d." : "It must be a time such as 12h, 90m or 1d12h.");
}
