import type { Bytes, Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { type ScheduleFact, scheduleFacts } from "../../providers/schedule/facts.ts";
import type { ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { observeSchedule } from "../../providers/schedule/observe.ts";

/** What `slipway status --json` says of a backup or a job. */
export interface ScheduledReport {
  readonly kind: "backup" | "job";
  /** Of the accessory, or of the job. */
  readonly name: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly running: boolean;
  /** Null before its first run, and after it was changed. */
  readonly last: {
    /** When it ended, RFC 3339. */
    readonly at: string;
    readonly seconds: Seconds;
    readonly ok: boolean;
    /** Of a backup that is whole. */
    readonly bytes: Bytes | null;
    /** Why it failed, or what went wrong beside it. */
    readonly why: string | null;
  } | null;
  /** When it begins the next time, RFC 3339; null while nothing would begin it. */
  readonly next: string | null;
  /** Since when nothing came of it, where that is longer than two of its periods. */
  readonly overdue_seconds: Seconds | null;
}

/** Asks a host how its backups and jobs went; nothing is changed. */
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
    last === undefined ? null : { at: last.at, seconds: last.seconds, ok: last.ok, bytes: last.bytes ?? null, why: whyOf(last) },
  next: next ?? null,
  overdue_seconds: overdue ?? null,
});

const whyOf = ({ ok, why, code }: NonNullable<ScheduleFact["last"]>): string | null => why ?? (ok ? null : `exit code ${code}`);
