import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { schedulerContainer } from "../../core/names.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import type { ObservedSchedule } from "./found.ts";
import { type Backup, pipeVolume, type ScheduleInputs } from "./inputs.ts";
import { observeSchedule } from "./observe.ts";
import { backupEntry, type Part } from "./parts.ts";
import { describe, emptyBackups, type Operation, planSchedule, strangers } from "./plan.ts";
import { leavingName, unfinishedName } from "./runner/schedule.ts";

const STOP_GRACE: Seconds = 10;
/** From `docker start` to its first line: 0.2 s on an idle host. */
const READY_TIMEOUT: Seconds = 30;
const LOG_LINES = 20;

/** Brings the schedule of one host to what is declared. */
export async function convergeSchedule(inputs: ScheduleInputs, run: Run): Promise<ObservedSchedule> {
  const host = run.hosts.at(inputs.host);
  return withLeases([host], run, async () => {
    const found = await observeSchedule(inputs, host);
    refuse(inputs, found);
    for (const operation of planSchedule(inputs, found)) {
      run.report.status(describe(operation));
      await perform(operation, inputs, host, run);
    }
    return observeSchedule(inputs, host);
  });
}

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

async function perform(operation: Operation, inputs: ScheduleInputs, host: Host, run: Run): Promise<void> {
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
      return create(operation.part, inputs, host, run);
    case "start scheduler":
      return startScheduler(operation.part.name, host);
  }
}

/** It gets its name only when its files are in it: until then the next run must not take it for complete. */
async function create(part: Part, inputs: ScheduleInputs, host: Host, run: Run): Promise<void> {
  const { docker } = host;
  await pullIfMissing(part.image, inputs, host, run);
  const backup = Object.entries(inputs.backups).find(([name]) => backupEntry(name) === part.entry)?.[1];
  if (backup !== undefined) await ensurePipe(backup, inputs, host);
  const { id } = await docker.create(unfinishedName(part.name), part.body());
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

const ensurePipe = (backup: Backup, inputs: ScheduleInputs, { docker }: Host): Promise<void> =>
  docker.ensureVolume(pipeVolume(backup), { [STACK_LABEL]: inputs.stack, "slipway.scheduled": schedulerContainer(inputs) });

async function pullIfMissing(image: string, { registry }: ScheduleInputs, { docker }: Host, { report }: Run): Promise<void> {
  if ((await docker.image(image)) !== undefined) return;
  report.status(`pull ${image}`);
  await docker.pull(image, registry);
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
