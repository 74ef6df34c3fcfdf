import { schedulerContainer } from "../../core/names.ts";
import type { FoundPart, FoundSchedule, ReachedSchedule } from "./found.ts";
import type { Backup, ScheduleInputs } from "./inputs.ts";
import { backupEntry, filesOf, jobEntry, type Part, partsOf, presetIn } from "./parts.ts";
import { isLeaving, isUnfinished } from "./runner/schedule.ts";

/** One change to a schedule; in the order in which they are done. */
export type Operation =
  /** It makes nothing start while the others change. */
  | { do: "stop scheduler"; found: FoundPart }
  /** One that runs may finish what it does. */
  | { do: "leave"; found: FoundPart }
  | { do: "remove"; found: FoundPart; because: "replaced" | "not wanted" | "done" | "unfinished" }
  | { do: "make"; part: Part; because: "new" | "changed" | "found missing (drift)" }
  | { do: "start scheduler"; part: Part; was: string };

/** What to do so that all that is declared happens at its time, and nothing else. */
export function planSchedule(inputs: ScheduleInputs, found: FoundSchedule): Operation[] {
  if (found.kind === "unreachable") return [];
  const wanted = partsOf(inputs, found);
  const changes = [...leftovers(inputs, wanted, found), ...wanted.flatMap((part) => changesOf(part, found))];
  return inOrder(inputs, changes, found);
}

function changesOf(part: Part, { parts }: ReachedSchedule): Operation[] {
  const found = parts.find(({ name }) => name === part.name);
  if (found === undefined) return [{ do: "make", part, because: "new" }];
  if (found.spec === part.spec) {
    if (part.kind !== "scheduler" || found.running) return [];
    return [{ do: "start scheduler", part, was: found.status }];
  }
  return [outOfTheWay(found, "replaced"), { do: "make", part, because: "changed" }];
}

/** The scheduler is stopped at once, what runs at its word is not. */
const outOfTheWay = (found: FoundPart, because: "replaced" | "not wanted"): Operation =>
  found.running && found.entry !== "" ? { do: "leave", found } : { do: "remove", found, because };

function leftovers(inputs: ScheduleInputs, wanted: readonly Part[], { parts }: ReachedSchedule): Operation[] {
  const names = new Set(wanted.map(({ name }) => name));
  const entries = new Set([...Object.keys(inputs.backups).map(backupEntry), ...Object.keys(inputs.jobs).map(jobEntry)]);
  return parts
    .filter(({ name, ours }) => ours && !names.has(name))
    .flatMap((found): Operation[] => {
      if (isUnfinished(found.name)) return [{ do: "remove", found, because: "unfinished" }];
      if (isLeaving(found.name)) return found.running ? [] : [{ do: "remove", found, because: "done" }];
      // The scheduler cares for the copies of a job that is still there.
      return entries.has(found.entry) ? [] : [outOfTheWay(found, "not wanted")];
    });
}

const isOfScheduler = (operation: Operation): boolean =>
  operation.do === "make" || operation.do === "start scheduler"
    ? operation.part.kind === "scheduler"
    : operation.do === "stop scheduler" || operation.found.entry === "";

/** While containers change, no scheduler starts them: it goes first and comes last. */
function inOrder(inputs: ScheduleInputs, changes: readonly Operation[], { parts }: ReachedSchedule): Operation[] {
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

/** What is declared on the host, a line each. */
export function describeEntries(inputs: ScheduleInputs): string[] {
  const backups = Object.entries(inputs.backups).map(
    ([name, backup]) => `${backupEntry(name)}: ${backup.cron} ${backup.timezone} → ${describePlace(backup)}, ${backup.keep} stay`,
  );
  const jobs = Object.entries(inputs.jobs).map(
    ([name, { cron, timezone, command }]) => `${jobEntry(name)}: ${cron} ${timezone}   ${command.join(" ")}`,
  );
  return [...backups, ...jobs];
}

export function describePlace({ to, folder, encrypt }: Backup): string {
  const sealed = encrypt === undefined ? "" : ", encrypted";
  if (to.kind === "directory") return `${to.path}/${folder}${sealed}`;
  return `s3://${[to.bucket, to.prefix, folder].filter((part) => part !== "").join("/")}${sealed}`;
}

export function describe(operation: Operation): string {
  switch (operation.do) {
    case "stop scheduler":
      return `stop ${operation.found.name} for a moment`;
    case "leave":
      return `${operation.found.name} still runs and may finish`;
    case "remove":
      return `remove ${operation.found.name}${operation.because === "replaced" ? "" : ` (${operation.because})`}`;
    case "make":
      return `make ${operation.part.name}${operation.because === "new" ? "" : ` (${operation.because})`}`;
    case "start scheduler":
      return operation.was === "running"
        ? `start ${operation.part.name} again`
        : `start ${operation.part.name}, found ${operation.was} (drift)`;
  }
}

/** Names that this schedule needs and somebody else has. */
export const strangers = (inputs: ScheduleInputs, found: ReachedSchedule): FoundPart[] => {
  const wanted = new Set(partsOf(inputs, found).map(({ name }) => name));
  return found.parts.filter(({ name, ours }) => !ours && wanted.has(name));
};

/** Backups of files that would be empty: their accessory mounts nothing of what is wanted. */
export const emptyBackups = (inputs: ScheduleInputs, { accessories }: ReachedSchedule): string[] =>
  Object.entries(inputs.backups).flatMap(([name, backup]) => {
    const found = accessories[backup.container];
    return presetIn(backup) === undefined && found !== undefined && filesOf(backup, found).length === 0 ? [name] : [];
  });
