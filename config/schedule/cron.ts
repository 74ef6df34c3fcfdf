import { createRequire } from "node:module";
import type { Cron } from "../../core/schedule/cron.ts";
import type { ConfigPath } from "../schema/problem.ts";

const NICKNAME = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
const FIELDS = /^\S+( +\S+){4,5}$/;

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

/** Parsed by the same package as on the host. */
function faultOf({ cron, timezone }: Cron): string | undefined {
  // Loaded here, since most stacks have no schedule.
  const { Cron: Reader } = createRequire(import.meta.url)("croner") as typeof import("croner");
  try {
    return new Reader(cron, { timezone }).nextRun() === null ? "is a time that never comes" : undefined;
  } catch (thrown) {
    return `is not valid: ${thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, "") : String(thrown)}`;
  }
}
