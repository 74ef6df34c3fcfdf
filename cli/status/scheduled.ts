import type { Bytes, Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { type ScheduleFact, scheduleFacts } from "../../providers/schedule/facts.ts";
import type { ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { observeSchedule } from "../../providers/schedule/observe.ts";

/** What `slipway status --json` reports about a backup or a job. */
export interface ScheduledReport {
  readonly kind: "backup" | "job";
  /** The name of the accessory or the job. */
  readonly name: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly running: boolean;
  /** Null before its first run, and after a change. */
  readonly last: {
    /** When it ended, RFC 3339. */
    readonly at: string;
    readonly seconds: Seconds;
    readonly ok: boolean;
    /** The size of a complete backup. */
    readonly bytes: Bytes | null;
    /** Its SHA-256 as stored, in hexadecimal. */
    readonly sha256: string | null;
    /** Why it failed, or a warning. */
    readonly why: string | null;
  } | null;
  /** The next start, RFC 3339; null while its scheduler is not running. */
  readonly next: string | null;
  /** How long ago it last ran, if the run that its schedule had last did not come. */
  readonly overdue_seconds: Seconds | null;
}

/** Reads the results of a host's backups and jobs; changes nothing. */
export async function scheduledOn(inputs: ScheduleInputs, host: Host): Promise<ScheduledReport[]> {
  return scheduleFacts(inputs, await observeSchedule(inputs, host), new Date()).map(reportOf);
}

const reportOf = ({ kind, name, cron, timezone, running, last, next, overdue }: ScheduleFact): ScheduledReport => ({
  kind,
  name,
  schedule: cron,
  timezone,
  running,
  last:
    last === undefined
      ? null
      : {
          at: last.at,
          seconds: last.seconds,
          ok: last.ok,
          bytes: last.bytes ?? null,
          sha256: last.sha256 ?? null,
          why: whyOf(last),
        },
  next: next ?? null,
  overdue_seconds: overdue ?? null,
});

const whyOf = ({ ok, why, code }: NonNullable<ScheduleFact["last"]>): string | null => why ?? (ok ? null : `exit code ${code}`);
