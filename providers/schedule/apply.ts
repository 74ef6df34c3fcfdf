import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { schedulerContainer } from "../../core/names.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import { isStored } from "../../core/stored-image.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { digestNow, digestThere, type OwnImage, pinnedImage, pullOwn } from "../container/pin.ts";
import { imageToRun } from "../container/stored-image.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import { withLeases } from "../steps/lease.ts";
import { PLANNED } from "./events.ts";
import type { ObservedSchedule } from "./found.ts";
import { type Backup, pipeVolume, recordVolume, type ScheduleInputs, type ScheduleState } from "./inputs.ts";
import { observeSchedule } from "./observe.ts";
import { backupEntry, type Part } from "./parts.ts";
import { describe, emptyBackups, type Operation, planSchedule, strangers } from "./plan.ts";
import { leavingName, unfinishedName } from "./runner/schedule.ts";

const STOP_GRACE: Seconds = 10;
/** From `docker start` to its first line: 0.2 s on an idle host. */
const READY_TIMEOUT: Seconds = 30;
const LOG_LINES = 20;

/** What a run knows of the schedule of one host at its end. */
type Converged = Pick<ScheduleState, "found" | "digest">;

/**
 * Brings the schedule of one host to what is declared.
 *
 * @param state of this machine, if known
 */
export async function convergeSchedule(inputs: ScheduleInputs, state: ScheduleState | undefined, run: Run): Promise<Converged> {
  const host = run.hosts.at(inputs.host);
  return withLeases([host], run, async () => {
    const found = await observeSchedule(inputs, host);
    refuse(inputs, found);
    const operations = planSchedule(inputs, found);
    PLANNED.publish({ host: host.name, operations });
    const known = (state?.image === inputs.image ? state.digest : "") || (await digestOfRunning(inputs, host));
    // Before the scheduler is stopped: a registry that cannot be asked leaves all as it is.
    const digest = await pullImages(operations, known, { inputs, host, run });
    for (const operation of operations) {
      run.report.status(describe(operation));
      await perform(operation, digest, { inputs, host, run }).catch((thrown: unknown) => {
        throw isExplained(thrown) ? thrown : failed(operation, host, thrown);
      });
    }
    return { found: await observeSchedule(inputs, host), ...(digest === "" ? {} : { digest }) };
  });
}

const failed = (operation: Operation, { name }: Host, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "SCHEDULE_FAILED",
      what: `could not ${describe(operation)}`,
      host: name,
      evidence: [messageOf(thrown)],
      servesNow: "the app and its accessories as before; until a run succeeds, backups and jobs may not start on schedule",
      next: "fix what the evidence shows, then run pulumi up again: it continues from what it finds",
    },
    { cause: thrown },
  );

interface At {
  readonly inputs: ScheduleInputs;
  readonly host: Host;
  readonly run: Run;
}

/** Of a scheduler that was made before its digest was kept: what it runs is what its tag means here. */
async function digestOfRunning(inputs: ScheduleInputs, host: Host): Promise<string> {
  const scheduler = await host.docker.inspect(schedulerContainer(inputs));
  if (scheduler === undefined || scheduler.image !== inputs.image) return "";
  return (await digestThere(inputs.image, scheduler.imageId, host)) ?? "";
}

/** @returns the digest of our own image; empty if none was needed, or if it is in no registry */
async function pullImages(operations: readonly Operation[], known: string, { inputs, host, run }: At): Promise<string> {
  const images = new Set(operations.flatMap((operation) => (operation.do === "create" ? [operation.part.image] : [])));
  const own = ownImage(inputs);
  const digest = known === "" && images.has(inputs.image) ? await digestNow(own, host, run) : known;
  for (const image of images) {
    const of = image === inputs.image ? own : { ...own, image, of: "a job", key: "slipway:jobs" };
    // That of the release is there since it was released, and comes from no registry.
    if (!isStored(image)) await pullOwn(of, imageFor(image, inputs, digest), host, run);
  }
  return digest;
}

const ownImage = ({ image, registry }: ScheduleInputs): OwnImage => ({
  image,
  registry,
  of: "backups and jobs",
  key: "slipway:schedule.image",
  otherwise: `write a digest: slipway:schedule.image: ${pinnedImage(image, "sha256:…")}`,
  servesNow: SERVES,
});

const imageFor = (image: string, inputs: ScheduleInputs, digest: string): string =>
  image === inputs.image ? pinnedImage(image, digest) : image;

const SERVES = "what served before; no backup and no job was changed";

function refuse(inputs: ScheduleInputs, found: ObservedSchedule): void {
  const host = inputs.host.name;
  const [stranger] = strangers(inputs, found);
  if (stranger !== undefined)
    throw new SlipwayError({
      code: "NAME_TAKEN",
      what: `the name ${stranger.name} is taken by a container that does not belong to this schedule`,
      host,
      servesNow: SERVES,
      next: `rename or remove it (docker rename ${stranger.name} …), then run pulumi up again`,
    });
  const missing = Object.entries(inputs.backups).find(([, { container }]) => found.accessories[container] === undefined);
  if (missing !== undefined)
    throw new SlipwayError({
      code: "SCHEDULE_FAILED",
      what: `the accessory ${missing[0]} cannot be backed up: its container ${missing[1].container} is missing`,
      host,
      servesNow: SERVES,
      next: "run pulumi up again: it starts the accessory",
    });
  const [empty] = emptyBackups(inputs, found);
  if (empty !== undefined)
    throw new SlipwayError({
      code: "SCHEDULE_FAILED",
      what: `the accessory ${empty} mounts nothing that could be backed up`,
      host,
      evidence: (found.accessories[inputs.backups[empty]?.container ?? ""]?.mounts ?? []).map(
        ({ kind, source, target }) => `${kind} ${source} at ${target}`,
      ),
      servesNow: SERVES,
      next: `list its volumes, or folders on the host, in slipway:accessories.${empty}.backup.volumes`,
    });
}

async function perform(operation: Operation, digest: string, at: At): Promise<void> {
  const { host } = at;
  const { docker } = host;
  switch (operation.do) {
    case "stop scheduler":
      await docker.stop(operation.found.id, STOP_GRACE);
      return;
    case "leave":
      return docker.rename(operation.found.id, leavingName(operation.found.name, operation.found.id));
    case "remove":
      return docker.remove(operation.found.id, { force: true, anonymousVolumes: true });
    case "create":
      return create(operation.part, digest, at);
    case "start scheduler":
      return startScheduler(operation.part.name, host);
  }
}

/** It gets its name only when its files are in it: until then the next run must not take it for complete. */
async function create(part: Part, digest: string, { inputs, host }: At): Promise<void> {
  const { docker } = host;
  const backup = Object.entries(inputs.backups).find(([name]) => backupEntry(name) === part.entry)?.[1];
  if (backup !== undefined) await ensureVolumes(backup, inputs, host);
  const { id } = await docker.create(unfinishedName(part.name), {
    ...part.body(),
    Image: await imageToRun(host, imageFor(part.image, inputs, digest)),
  });
  try {
    const files = part.files();
    if (files.length > 0) await docker.writeFiles(id, "/", files);
    await docker.rename(id, part.name);
    if (part.kind === "scheduler") await startScheduler(part.name, host);
  } catch (thrown) {
    await docker.remove(id, { force: true, anonymousVolumes: true });
    throw thrown;
  }
}

async function ensureVolumes(backup: Backup, inputs: ScheduleInputs, { docker }: Host): Promise<void> {
  const labels = { [STACK_LABEL]: inputs.stack, "slipway.scheduled": schedulerContainer(inputs) };
  for (const volume of [pipeVolume(backup), recordVolume(backup)]) await docker.ensureVolume(volume, labels);
}

/** Waits for its first log line: a running container may not have read its schedule yet. */
async function startScheduler(name: string, host: Host): Promise<void> {
  const { docker } = host;
  const since = Date.now();
  await docker.start(name);
  const ready = async (): Promise<true | undefined> => {
    const container = await docker.inspect(name);
    if (container === undefined || !container.state.running) throw await notReady(name, host, "it exited");
    const lines = await docker.lastLogs(name, LOG_LINES);
    return lines.some((line) => line.includes('"event":"ready"') && isSince(line, container.state.startedAt)) ? true : undefined;
  };
  const late = () => new Error(`it logged nothing within ${Math.round((Date.now() - since) / 1000)} s`);
  try {
    await Deadline.in(READY_TIMEOUT).until(ready, late);
  } catch (thrown) {
    throw thrown instanceof SlipwayError ? thrown : await notReady(name, host, thrown instanceof Error ? thrown.message : "");
  }
}

/** The log also has lines of earlier starts. */
function isSince(line: string, startedAt: string): boolean {
  const [, at = ""] = /"at":"([^"]+)"/.exec(line) ?? [];
  // The line has milliseconds, Docker nanoseconds.
  return Date.parse(at) >= Math.floor(Date.parse(startedAt));
}

async function notReady(name: string, host: Host, why: string): Promise<SlipwayError> {
  const lines = await host.docker.lastLogs(name, LOG_LINES);
  return new SlipwayError({
    code: "SCHEDULE_FAILED",
    what: `${name} did not start: ${why}`,
    host: host.name,
    evidence: lines,
    servesNow: "the app and its accessories as before; no backup or job starts on schedule",
    next: "see whether slipway:schedule.image has Node.js 24, then run pulumi up again",
  });
}
