import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import { parseJson } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import type { Container, ContainerState, ContainerSummary, Host } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";

/** Labels of the container that carries out the last part of a restore on the host, independent of any connection. */
const LABEL = {
  /** The container whose data it swaps. */
  of: "slipway.restore",
  /** The id of the backup. */
  backup: "slipway.restore.backup",
  /** Where the data of before is, as shown. */
  aside: "slipway.restore.aside",
  /** How long it may take, in seconds. */
  limit: "slipway.limit",
} as const;

/** What a restore is about. */
export interface RestoreOf {
  /** The accessory's container. */
  readonly container: string;
  /** The id of the backup. */
  readonly backup: string;
  /** Where the data of before will be. */
  readonly aside: string;
  readonly limit: Seconds;
}

/** The container has its name while it exists, so that there is one at a time. */
export const restoreName = (container: string): string => `${container}-restore`;

/** Another accessory may have the name. */
export const isRestoreOf = ({ labels }: Pick<Container, "labels">, container: string): boolean => labels[LABEL.of] === container;

/** The volume that files are loaded into. It has no use after the restore. */
export const stageVolume = (container: string): string => `${container}-restore-stage`;

export const restoreLabels = ({ container, backup, aside, limit }: RestoreOf, stack: string): Record<string, string> => ({
  [LABEL.of]: container,
  [LABEL.backup]: backup,
  [LABEL.aside]: aside,
  [LABEL.limit]: String(Math.round(limit)),
  [STACK_LABEL]: stack,
});

/** How it ended: the last line of its log. */
export const RestoreEnd = z.discriminatedUnion("end", [
  z.object({ end: z.literal("swapped") }),
  /** The server has the data that it had. */
  z.object({ end: z.literal("taken back"), why: z.string(), evidence: z.array(z.string()) }),
  /** Neither is complete; it goes on when it is started again. */
  z.object({ end: z.literal("stuck"), why: z.string() }),
]);
export type RestoreEnd = z.infer<typeof RestoreEnd>;

/** One that is over: what it was about, and how it ended. */
export interface EndedRestore {
  readonly backup: string;
  readonly aside: string;
  readonly end: Exclude<RestoreEnd, { end: "stuck" }>;
}

/** How it ended, in one line. */
export function endText(container: string, { backup, aside, end }: EndedRestore): string {
  const how =
    end.end === "swapped"
      ? `it has that backup, and ${aside}`
      : `it has the data that it had: ${[end.why, ...end.evidence].join("; ")}`;
  return `an earlier restore of ${container} from ${backup}, whose command did not see its end, is over: ${how}`;
}

/** A restore whose end no command has read yet. */
export const UnreadRestore = z.object({
  /** Of the container that carries it out. */
  name: z.string(),
  /** The accessory's. */
  container: z.string(),
  /** The id of the backup. */
  backup: z.string(),
  /** Whether it is at work. */
  running: z.boolean(),
});
export type UnreadRestore = z.infer<typeof UnreadRestore>;

/** The restores of a host that have begun and whose end no command has read. Pure. */
export const restoresIn = (containers: readonly ContainerSummary[]): UnreadRestore[] =>
  containers.flatMap(({ name, labels, state }) => unreadOf({ name, labels, status: state }) ?? []);

/** The one of an accessory. */
export async function restoreOf({ docker }: Host, container: string): Promise<UnreadRestore | undefined> {
  const found = await docker.inspect(restoreName(container));
  if (found === undefined || !isRestoreOf(found, container)) return undefined;
  return unreadOf({ name: found.name, labels: found.labels, status: found.state.status });
}

/** One that was not started has changed nothing. */
function unreadOf({ name, labels, status }: Pick<ContainerSummary, "name" | "labels"> & { readonly status: ContainerState }) {
  const container = labels[LABEL.of];
  if (container === undefined || status === "created") return undefined;
  return { name, container, backup: labels[LABEL.backup] ?? "", running: status !== "exited" && status !== "dead" };
}

/** For one whose label is missing. */
const USUAL_LIMIT: Seconds = 3600;

/**
 * The end of a restore of this accessory that has begun: waits for it while it runs, and lets it go on if it was killed. It is forgotten
 * with that. `undefined` without one, also if it never began. Call it under the lease.
 */
export async function settleRestore(
  host: Host,
  container: string,
  report: Pick<Report, "status">,
): Promise<EndedRestore | undefined> {
  const ended = await awaitRestore(host, container, report);
  if (ended !== undefined) await forgetRestore(host, container);
  return ended;
}

/** The same, but it can be asked again. */
export async function awaitRestore(
  { docker, name: host }: Host,
  container: string,
  report: Pick<Report, "status">,
): Promise<EndedRestore | undefined> {
  const found = await docker.inspect(restoreName(container));
  if (found === undefined || !isRestoreOf(found, container)) return undefined;
  const { id, labels } = found;
  const [backup = "", aside = ""] = [labels[LABEL.backup], labels[LABEL.aside]];
  const limit = Number(labels[LABEL.limit] ?? USUAL_LIMIT);
  if (found.state.status === "created") {
    // Nothing was stopped yet.
    await docker.remove(id, REMOVAL);
    return undefined;
  }
  let isResumed = false;
  const deadline = Deadline.in(limit);
  const end = await deadline.until(
    async () => {
      const now = await docker.inspect(id);
      if (now === undefined) throw new Error(`${found.name} was removed by another program`);
      if (isAtWork(now)) {
        report.status(`waiting for the restore of ${container} from ${backup}, which ${host} is carrying out`);
        return undefined;
      }
      const said = await endOf(now, docker);
      if (said !== undefined && said.end !== "stuck") return said;
      if (isResumed) throw stuck(host, { container, backup, found: found.name }, said?.why ?? `code ${now.state.exitCode}`);
      isResumed = true;
      report.status(`going on with the restore of ${container} from ${backup}`);
      await docker.start(id);
      return undefined;
    },
    () => new Error(`the restore of ${container} from ${backup} did not end within ${limit} s: docker logs ${found.name}`),
  );
  return { backup, aside, end };
}

/** Once its end is known. */
export async function forgetRestore({ docker }: Host, container: string): Promise<void> {
  await docker.remove(restoreName(container), REMOVAL);
  await docker.removeVolume(stageVolume(container));
}

const REMOVAL = { force: true, anonymousVolumes: true };

const isAtWork = ({ state }: Container): boolean => state.running || state.status === "restarting";

async function endOf({ id }: Container, docker: Host["docker"]): Promise<RestoreEnd | undefined> {
  const [line = ""] = await docker.lastLogs(id, 1);
  return RestoreEnd.safeParse(parseJson(line)).data;
}

const stuck = (host: string, { container, backup, found }: { container: string; backup: string; found: string }, why: string) =>
  new SlipwayError({
    code: "RESTORE_FAILED",
    what: `the restore of ${container} from ${backup} can neither be completed nor taken back: ${why}`,
    host,
    servesNow: `nothing of ${container}: it stays stopped while its data is not whole; all of it is still there, in part aside`,
    next: `free what it lacks on ${host} (disk, memory), then run the same command again: it goes on (docker logs ${found} has its story); or give it up and start on what is there: docker rm -f ${found}`,
  });
