import { createRequire } from "node:module";
import { jobContainer, schedulerContainer } from "../../core/names.ts";
import type { Seconds } from "../../core/words.ts";
import type { FoundPart, LastRun, ObservedSchedule } from "./found.ts";
import { type ScheduleInputs, sinkName } from "./inputs.ts";
import { failureIn, resultIn } from "./observe.ts";
import { backupEntry, jobEntry } from "./parts.ts";

/** One backup or job on a host, for status and warnings. */
export interface ScheduleFact {
  readonly kind: "backup" | "job";
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly running: boolean;
  /** Absent before its first run and after a change. */
  readonly last?: LastRun & {
    readonly ok: boolean;
    /** Of a complete backup. */
    readonly id?: string;
    readonly bytes?: number;
    /** Of what is stored, in hexadecimal. */
    readonly sha256?: string | undefined;
    /** Why it failed, or what went wrong after it was complete. */
    readonly why?: string;
  };
  /** When it runs next, in ISO 8601; absent while the scheduler is not running. */
  readonly next?: string;
  /** Time since its last run, if the run that its schedule had last did not come. */
  readonly overdue?: Seconds;
  /** The run that did not come, in ISO 8601. */
  readonly missed?: string;
}

/** The last and next runs of a host's schedule. @param here the moment by this machine's clock */
export function scheduleFacts(inputs: ScheduleInputs, found: ObservedSchedule, here: Date): ScheduleFact[] {
  const now = new Date(here.getTime() + (found.clockAhead ?? 0) * 1000);
  const isScheduling = found.parts.some(({ name, running, ours }) => name === schedulerContainer(inputs) && running && ours);
  const backups = Object.entries(inputs.backups).map(([name, backup]) =>
    factOf({ kind: "backup", name, ...when(backup) }, partsIn(found, backupEntry(name), sinkName(backup)), isScheduling, now),
  );
  const jobs = Object.entries(inputs.jobs).map(([name, job]) =>
    factOf({ kind: "job", name, ...when(job) }, partsIn(found, jobEntry(name), jobContainer(inputs, name)), isScheduling, now),
  );
  return [...backups, ...jobs];
}

const when = ({ cron, timezone }: { cron: string; timezone: string }) => ({ cron, timezone });

/** A container of an entry with all its copies; not the dump, whose exit code says nothing about the backup. */
const partsIn = ({ parts }: ObservedSchedule, entry: string, name: string): FoundPart[] =>
  parts.filter(
    (part) =>
      part.ours &&
      part.entry === entry &&
      (part.name === name || part.name.startsWith(`${name}-run-`) || part.name.startsWith(`${name}-leaving-`)),
  );

function factOf(
  about: Pick<ScheduleFact, "kind" | "name" | "cron" | "timezone">,
  parts: readonly FoundPart[],
  isScheduling: boolean,
  now: Date,
): ScheduleFact {
  const ended = parts.flatMap(({ last }) => last ?? []).sort((a, b) => (a.at < b.at ? 1 : -1));
  const [last] = ended;
  const { previous, next } = runsAround(about, now);
  const since = last?.at ?? parts.map(({ created }) => created).sort()[0];
  const isMissed =
    since !== undefined &&
    previous !== undefined &&
    Date.parse(since) < previous.getTime() &&
    now.getTime() - previous.getTime() > LATE * 1000;
  const running = parts.some((part) => part.running);
  return {
    ...about,
    running,
    ...(last === undefined ? {} : { last: resultOf(about.kind, last) }),
    ...(isScheduling && next !== undefined ? { next: next.toISOString() } : {}),
    ...(!running && isMissed
      ? { overdue: Math.round((now.getTime() - Date.parse(since)) / 1000), missed: previous.toISOString() }
      : {}),
  };
}

function resultOf(kind: ScheduleFact["kind"], last: LastRun): NonNullable<ScheduleFact["last"]> {
  const ok = last.code === 0;
  if (kind === "job") return { ...last, ok };
  const result = ok ? resultIn(last) : undefined;
  const why = ok ? result?.warning : failureIn(last);
  return {
    ...last,
    ok,
    ...(result && { id: result.id, bytes: result.bytes, sha256: result.sha256 }),
    ...(why === undefined ? {} : { why }),
  };
}

/** A run may begin late on a busy host. */
const LATE: Seconds = 600;

/** The last run that the schedule had before this moment, and the next one. */
function runsAround({ cron, timezone }: { readonly cron: string; readonly timezone: string }, now: Date) {
  const { Cron } = createRequire(import.meta.url)("croner") as typeof import("croner");
  const schedule = new Cron(cron, { timezone });
  const [previous] = schedule.previousRuns(1, now);
  const [next] = schedule.nextRuns(1, now);
  return { previous, next };
}

/** Problems with backups, one line each. */
export function warningsOf(facts: readonly ScheduleFact[]): string[] {
  return facts
    .filter(({ kind }) => kind === "backup")
    .flatMap(({ name, last, overdue, missed }) => {
      const next = `try it now: slipway backup run ${name}`;
      if (last?.ok === false)
        return [`the last backup of ${name} failed at ${last.at}: ${last.why ?? `code ${last.code}`}; ${next}`];
      if (overdue !== undefined)
        return [`no backup of ${name} for ${Math.round(overdue / 3600)} h: the one of ${missed} did not come; ${next}`];
      return last?.why === undefined ? [] : [`the last backup of ${name} is complete, but ${last.why}`];
    });
}
