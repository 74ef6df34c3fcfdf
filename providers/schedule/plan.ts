import { schedulerContainer } from "../../core/names.ts";
import { DRIFT, type DriftMark } from "../steps/drift.ts";
import type { FoundPart, FoundSchedule, ObservedSchedule } from "./found.ts";
import type { Backup, ScheduleInputs } from "./inputs.ts";
import { backupEntry, filesOf, jobEntry, type Part, partsOf, presetIn } from "./parts.ts";
import { isLeaving, isUnfinished } from "./runner/schedule.ts";

/** One change to a schedule. */
export type Operation =
  /** So that it starts nothing while other containers change. */
  | { do: "stop scheduler"; found: FoundPart }
  /** Renames a replaced container that is running, so that it can finish. */
  | { do: "leave"; found: FoundPart }
  | { do: "remove"; found: FoundPart; because: "replaced" | "not declared" | "done" | "unfinished" }
  | { do: "create"; part: Part; because: "new" | "changed" }
  | { do: "start scheduler"; part: Part; was: string };

/** What to do, in order, so that all that is declared runs on schedule, and nothing else. */
export function planSchedule(inputs: ScheduleInputs, found: FoundSchedule): Operation[] {
  if (found.kind === "unreachable") return [];
  const wanted = partsOf(inputs, found);
  const changes = [...leftovers(inputs, wanted, found), ...wanted.flatMap((part) => changesOf(part, found))];
  return inOrder(inputs, changes, found);
}

function changesOf(part: Part, { parts }: ObservedSchedule): Operation[] {
  const found = parts.find(({ name }) => name === part.name);
  if (found === undefined) return [{ do: "create", part, because: "new" }];
  if (found.spec === part.spec) {
    if (part.kind !== "scheduler" || found.running) return [];
    return [{ do: "start scheduler", part, was: found.status }];
  }
  return [makeRoom(found, "replaced"), { do: "create", part, because: "changed" }];
}

/** The scheduler is removed at once; a running backup or job may finish. */
const makeRoom = (found: FoundPart, because: "replaced" | "not declared"): Operation =>
  found.running && found.entry !== "" ? { do: "leave", found } : { do: "remove", found, because };

function leftovers(inputs: ScheduleInputs, wanted: readonly Part[], { parts }: ObservedSchedule): Operation[] {
  const names = new Set(wanted.map(({ name }) => name));
  const entries = new Set([...Object.keys(inputs.backups).map(backupEntry), ...Object.keys(inputs.jobs).map(jobEntry)]);
  return parts
    .filter(({ name, ours }) => ours && !names.has(name))
    .flatMap((found): Operation[] => {
      if (isUnfinished(found.name)) return [{ do: "remove", found, because: "unfinished" }];
      if (isLeaving(found.name)) return found.running ? [] : [{ do: "remove", found, because: "done" }];
      // The scheduler itself removes the copies of a declared job.
      return entries.has(found.entry) ? [] : [makeRoom(found, "not declared")];
    });
}

const isOfScheduler = (operation: Operation): boolean =>
  operation.do === "create" || operation.do === "start scheduler"
    ? operation.part.kind === "scheduler"
    : operation.do === "stop scheduler" || operation.found.entry === "";

/** No scheduler may start containers while they change: it is stopped first and started last. */
function inOrder(inputs: ScheduleInputs, changes: readonly Operation[], { parts }: ObservedSchedule): Operation[] {
  const own = changes.filter(isOfScheduler);
  const others = changes.filter((operation) => !isOfScheduler(operation));
  const running = parts.find(({ name, ours, running }) => name === schedulerContainer(inputs) && ours && running);
  const removals = own.filter((operation) => operation.do === "remove");
  const rest = own.filter((operation) => operation.do !== "remove");
  if (running === undefined || others.length === 0 || removals.length > 0) return [...removals, ...others, ...rest];
  const part = partsOf(inputs, { accessories: {} }).at(-1);
  if (part === undefined) return [...others];
  return [{ do: "stop scheduler", found: running }, ...others, { do: "start scheduler", part, was: "running" }];
}

/** What is declared on the host, one line each. */
export function describeEntries(inputs: ScheduleInputs): string[] {
  const backups = Object.entries(inputs.backups).map(
    ([name, backup]) => `${backupEntry(name)}: ${backup.cron} ${backup.timezone} → ${describePlace(backup)}, keep ${backup.keep}`,
  );
  const jobs = Object.entries(inputs.jobs).map(
    ([name, { cron, timezone, command }]) => `${jobEntry(name)}: ${cron} ${timezone}   ${command.join(" ")}`,
  );
  return [...backups, ...jobs];
}

export function describePlace({ to, folder, encrypt }: Backup): string {
  const encrypted = encrypt === undefined ? "" : ", encrypted";
  if (to.kind === "directory") return `${to.path}/${folder}${encrypted}`;
  return `s3://${[to.bucket, to.prefix, folder].filter((part) => part !== "").join("/")}${encrypted}`;
}

export function describe(operation: Operation, drift: DriftMark = DRIFT): string {
  switch (operation.do) {
    case "stop scheduler":
      return `stop ${operation.found.name} temporarily`;
    case "leave":
      return `let ${operation.found.name} finish`;
    case "remove":
      return `remove ${operation.found.name}${operation.because === "replaced" ? "" : ` (${operation.because})`}`;
    case "create":
      return `create ${operation.part.name}${operation.because === "new" ? "" : ` (${operation.because})`}`;
    case "start scheduler":
      return operation.was === "running"
        ? `start ${operation.part.name} again`
        : `start ${operation.part.name}, found ${operation.was}${drift}`;
  }
}

/** Other containers under names that this schedule needs. */
export const strangers = (inputs: ScheduleInputs, found: ObservedSchedule): FoundPart[] => {
  const wanted = new Set(partsOf(inputs, found).map(({ name }) => name));
  return found.parts.filter(({ name, ours }) => !ours && wanted.has(name));
};

/** Backups of files that would be empty: their accessory mounts none of what is declared. */
export const emptyBackups = (inputs: ScheduleInputs, { accessories }: ObservedSchedule): string[] =>
  Object.entries(inputs.backups).flatMap(([name, backup]) => {
    const found = accessories[backup.container];
    return presetIn(backup) === undefined && found !== undefined && filesOf(backup, found).length === 0 ? [name] : [];
  });
