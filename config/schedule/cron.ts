import { createRequire } from "node:module";
import type { Cron } from "../../core/schedule/cron.ts";
import type { ConfigPath } from "../schema/problem.ts";

const NICKNAME = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
const FIELDS = /^[^\s]+([ \t]+[^\s]+){4}$/;
/** croner counts days and months from 0 in its messages. */
const RANGES = [
  ["a minute", 0, 59],
  ["an hour", 0, 23],
  ["a day of the month", 1, 31],
  ["a month", 1, 12],
  ["a weekday", 0, 7],
] as const;

/** From the keys `schedule` and `timezone`. */
export function resolveCron(
  { schedule, timezone = "UTC" }: { readonly schedule?: string | undefined; readonly timezone?: string | undefined },
  place: ConfigPath,
): Cron {
  const cron = { cron: (schedule ?? "").trim(), timezone };
  if (schedule === undefined) place.at("schedule").refuse("is required");
  else if (!NICKNAME.test(cron.cron) && !FIELDS.test(cron.cron))
    place.at("schedule").refuse("should be five fields (minute, hour, day, month, weekday) or @daily: '17 3 * * *'");
  else if (!isTimezone(timezone)) place.at("timezone").refuse("is not a time zone: write Europe/Berlin, or UTC");
  else {
    const fault = faultOf(cron);
    if (fault !== undefined) place.at("schedule").refuse(fault);
  }
  return cron;
}

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).format(0) !== "";
  } catch {
    return false;
  }
}

/** A number that its field does not have. */
function strayNumber(cron: string): string | undefined {
  if (NICKNAME.test(cron)) return undefined;
  for (const [at, field] of cron.split(/[ \t]+/).entries()) {
    const [noun, low, high] = RANGES[at] ?? ["a number", 0, 0];
    const numbers = field.split(",").flatMap((part) => (part.split("/")[0] ?? "").split("-"));
    const stray = numbers.find((number) => /^\d+$/.test(number) && (Number(number) < low || Number(number) > high));
    if (stray !== undefined) return `${stray} is not ${noun}: ${low} to ${high}`;
  }
  return undefined;
}

/** Parsed by the same package as on the host. */
function faultOf({ cron, timezone }: Cron): string | undefined {
  const stray = strayNumber(cron);
  if (stray !== undefined) return stray;
  // Loaded here, since most stacks have no schedule.
  const { Cron: Reader } = createRequire(import.meta.url)("croner") as typeof import("croner");
  try {
    return new Reader(cron, { timezone }).nextRun() === null ? "is a time that never comes" : undefined;
  } catch (thrown) {
    return `is not valid: ${thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, "") : String(thrown)}`;
  }
}
