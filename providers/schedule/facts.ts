import { createRequire } from "node:module";
import { jobContainer, schedulerContainer } from "../../core/names.ts";
import type { Seconds } from "../../core/words.ts";
import type { FoundPart, LastRun, ReachedSchedule } from "./found.ts";
import { type ScheduleInputs, sinkName } from "./inputs.ts";
import { failureIn, resultIn } from "./observe.ts";
import { backupEntry, jobEntry } from "./parts.ts";

/** What is known of one backup or job of a host. */
export interface ScheduleFact {
  readonly kind: "backup" | "job";
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly running: boolean;
  /** Absent before its first run, and after it was changed. */
  readonly last?: LastRun & {
    readonly ok: boolean;
    /** Of a backup that is whole. */
    readonly id?: string;
    readonly bytes?: number;
    /** Why it failed, or what went wrong beside it. */
    readonly why?: string;
  };
  /** When it begins the next time, in ISO 8601; absent while the scheduler does not run. */
  readonly next?: string;
  /** Since when nothing came of it, where that is longer than two of its periods. */
  readonly overdue?: Seconds;
}

/** What a host's schedule has done and will do. */
export function scheduleFacts(inputs: ScheduleInputs, found: ReachedSchedule, now: Date): ScheduleFact[] {
  const awake = found.parts.some(({ name, running, ours }) => name === schedulerContainer(inputs) && running && ours);
  const backups = Object.entries(inputs.backups).map(([name, backup]) =>
    factOf({ kind: "backup", name, ...when(backup) }, partsIn(found, backupEntry(name), sinkName(backup)), awake, now),
  );
  const jobs = Object.entries(inputs.jobs).map(([name, job]) =>
    factOf({ kind: "job", name, ...when(job) }, partsIn(found, jobEntry(name), jobContainer(inputs, name)), awake, now),
  );
  return [...backups, ...jobs];
}

const when = ({ cron, timezone }: { cron: string; timezone: string }) => ({ cron, timezone });

/** A container of an entry with all its copies: not the dump, whose end says nothing about the backup. */
const partsIn = ({ parts }: ReachedSchedule, entry: string, name: string): FoundPart[] =>
  parts.filter(
    (part) =>
      part.ours &&
      part.entry === entry &&
      (part.name === name || part.name.startsWith(`${name}-run-`) || part.name.startsWith(`${name}-leaving-`)),
  );

function factOf(
  about: Pick<ScheduleFact, "kind" | "name" | "cron" | "timezone">,
  parts: readonly FoundPart[],
  awake: boolean,
  now: Date,
): ScheduleFact {
  const ended = parts.flatMap(({ last }) => last ?? []).sort((a, b) => (a.at < b.at ? 1 : -1));
  const [last] = ended;
  const [next, after] = nextRuns(about, now);
  const period = next === undefined || after === undefined ? undefined : (after.getTime() - next.getTime()) / 1000;
  const since = last?.at ?? parts.map(({ created }) => created).sort()[0];
  const idle = since === undefined ? 0 : (now.getTime() - Date.parse(since)) / 1000;
  const running = parts.some((part) => part.running);
  return {
    ...about,
    running,
    ...(last === undefined ? {} : { last: told(about.kind, last) }),
    ...(awake && next !== undefined ? { next: next.toISOString() } : {}),
    ...(!running && period !== undefined && idle > 2 * period ? { overdue: Math.round(idle) } : {}),
  };
}

function told(kind: ScheduleFact["kind"], last: LastRun): NonNullable<ScheduleFact["last"]> {
  const ok = last.code === 0;
  if (kind === "job") return { ...last, ok };
  const result = ok ? resultIn(last) : undefined;
  const why = ok ? result?.warning : failureIn(last);
  return { ...last, ok, ...(result && { id: result.id, bytes: result.bytes }), ...(why === undefined ? {} : { why }) };
}

/** The next two; a period is what lies between them. */
function nextRuns({ cron, timezone }: { readonly cron: string; readonly timezone: string }, now: Date): Date[] {
  const { Cron } = createRequire(import.meta.url)("croner") as typeof import("croner");
  return new Cron(cron, { timezone }).nextRuns(2, now);
}

/** What a person must know before the next backup is needed, a line each. */
export function warningsOf(facts: readonly ScheduleFact[]): string[] {
  return facts
    .filter(({ kind }) => kind === "backup")
    .flatMap(({ name, last, overdue }) => {
      const next = `try it now: slipway backup run ${name}`;
      if (last?.ok === false)
        return [`the last backup of ${name} failed at ${last.at}: ${last.why ?? `code ${last.code}`}; ${next}`];
      if (overdue !== undefined)
        return [`no backup of ${name} since ${Math.round(overdue / 3600)} h, which is more than two of its periods; ${next}`];
      return last?.why === undefined ? [] : [`the last backup of ${name} is whole, but ${last.why}`];
    });
}
