import { z } from "zod";
import { Mask } from "../../core/mask.ts";
import { schedulerContainer } from "../../core/names.ts";
import { isOwn, STACK_LABEL } from "../../core/owner.ts";
import { parseJson } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import { type Container, DockerRefusal, type Host } from "../../hosts/index.ts";
import { orUnreachable } from "../steps/finding.ts";
import type { FoundAccessoryPart, FoundPart, FoundSchedule, LastRun, ObservedSchedule } from "./found.ts";
import type { ScheduleInputs } from "./inputs.ts";
import { partsOf } from "./parts.ts";
import { LABELS } from "./runner/schedule.ts";

/** Throws when the host is unreachable. */
export async function observeSchedule(inputs: ScheduleInputs, host: Host): Promise<ObservedSchedule> {
  const { docker } = host;
  const wanted = partsOf(inputs, { accessories: {} }).map(({ name }) => name);
  const listed = await docker.containers({ [LABELS.scheduled]: schedulerContainer(inputs) });
  const created = new Map(listed.map((one) => [one.name, one.created]));
  const names = [...new Set([...wanted, ...listed.map(({ name }) => name)])].sort();
  const [clockAhead, parts, accessories] = await Promise.all([
    clockAheadOf(host),
    Promise.all(names.map((name) => observePart(name, inputs, host, created.get(name) ?? 0))),
    Promise.all(
      Object.values(inputs.backups).map(async ({ container }) => [container, await docker.inspect(container)] as const),
    ),
  ]);
  return {
    kind: "present",
    parts: parts.filter((part) => part !== undefined),
    accessories: Object.fromEntries(
      accessories.flatMap(([name, found]) => (found === undefined ? [] : [[name, accessoryOf(found)] as const])),
    ),
    ...(clockAhead === 0 ? {} : { clockAhead }),
  };
}

const MINUTE: Seconds = 60;

/** Its scheduler goes by this clock, and so do the times of its runs. */
async function clockAheadOf({ docker }: Host): Promise<Seconds> {
  const began = Date.now();
  const { time } = await docker.info();
  const here = (began + Date.now()) / 2;
  return time === undefined ? 0 : Math.round((time.getTime() - here) / 1000 / MINUTE) * MINUTE;
}

export const readSchedule = (inputs: ScheduleInputs, host: Host): Promise<FoundSchedule> =>
  orUnreachable(host.name, () => observeSchedule(inputs, host));

async function observePart(name: string, inputs: ScheduleInputs, host: Host, created: Seconds): Promise<FoundPart | undefined> {
  const container = await host.docker.inspect(name);
  if (container === undefined) return undefined;
  const { id, labels, state } = container;
  const ours = labels[LABELS.scheduled] === schedulerContainer(inputs) && isOwn(labels[STACK_LABEL], inputs);
  const hasRun = ours && !state.running && state.status !== "created";
  const last = hasRun ? await lastRunOf(container, host, maskFor(inputs, container)) : undefined;
  if (hasRun && last === undefined) return undefined;
  return {
    id,
    name,
    ours,
    spec: labels["slipway.spec"] ?? "",
    entry: labels[LABELS.entry] ?? "",
    running: state.running,
    status: state.status === "exited" ? `stopped with code ${state.exitCode}` : state.status,
    created: new Date(created * 1000).toISOString(),
    ...(last === undefined ? {} : { last }),
  };
}

/** `undefined` if the container was removed meanwhile, as the containers of jobs that may run side by side are when they end. */
async function lastRunOf({ id, state }: Container, host: Host, mask: Mask): Promise<LastRun | undefined> {
  const lines = await host.docker.lastLogs(id, 1).catch((thrown: unknown) => {
    if (thrown instanceof DockerRefusal && thrown.statusCode === 404) return undefined;
    throw thrown;
  });
  if (lines === undefined) return undefined;
  const [said = ""] = lines;
  const seconds = Math.max(0, (Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000);
  return { at: state.finishedAt, seconds: Math.round(seconds * 10) / 10, code: state.exitCode, said: mask.hide(said) };
}

/** A job may print a secret that it has, and its last line is in the state and on screens. The container knows the values, a state may not. */
function maskFor({ backups, jobs }: ScheduleInputs, { env }: Container): Mask {
  const names = new Set([...Object.values(backups), ...Object.values(jobs)].flatMap(({ secretEnv }) => Object.keys(secretEnv)));
  const entries = env.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const);
  return new Mask(entries.flatMap(([name, value]) => (names.has(name) ? [value] : [])));
}

const accessoryOf = ({ imageId, mounts }: Container): FoundAccessoryPart => ({
  image: imageId,
  mounts: mounts.map(({ type, source, name, target }) => ({ kind: type, source: name ?? source, target })),
});

/** The last log line of a backup. */
export const Result = z.object({
  id: z.string(),
  bytes: z.number(),
  /** Of what is stored; a backup of an earlier version has none. */
  sha256: z.string().optional(),
  seconds: z.number(),
  warning: z.string().optional(),
});
export type Result = z.infer<typeof Result>;

const Failure = z.object({ error: z.string() });

/** The result of a backup; `undefined` if its last line is something else. */
export const resultIn = ({ said }: Pick<LastRun, "said">): Result | undefined => Result.safeParse(parseJson(said)).data;

/** Why a run failed: its error, or else its last log line. */
export const failureIn = ({ said }: Pick<LastRun, "said">): string => Failure.safeParse(parseJson(said)).data?.error ?? said;
