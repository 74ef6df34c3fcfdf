import type { PresetName } from "../../core/accessory/preset.ts";
import { jobContainer, schedulerContainer } from "../../core/names.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import { stableHash } from "../../core/values.ts";
import type { ArchiveEntry, CreateBody } from "../../hosts/index.ts";
import { DOCKER_SOCKET } from "../../hosts/index.ts";
import { bodyOf, withoutAliases } from "../container/body.ts";
import { dumpCommand, PIPE } from "./dump.ts";
import type { ObservedSchedule } from "./found.ts";
import { type Backup, dumpName, type Job, pipeVolume, recordVolume, type ScheduleInputs, sinkName } from "./inputs.ts";
import { commandOf, fileEntry, type Package, PROGRAMS, programFiles } from "./programs.ts";
import type { BackupSpec, Form } from "./runner/backup-spec.ts";
import { LABELS, type Schedule } from "./runner/schedule.ts";

type HostConfig = NonNullable<CreateBody["HostConfig"]>;

/** A container that a schedule needs on its host. */
export interface Part {
  readonly name: string;
  readonly kind: "scheduler" | "sink" | "dump" | "job";
  /** `backup db`, `job cleanup`; empty for the scheduler. */
  readonly entry: string;
  /** A reference, or the id of an image on the host. */
  readonly image: string;
  /** First 8 digits of the hash of all that determines it. Secrets enter it as fingerprints. */
  readonly spec: string;
  /** With the values of secrets: built when it is needed, never compared or printed. */
  readonly body: () => CreateBody;
  /** Files that are copied into it before it starts. */
  readonly files: () => ArchiveEntry[];
}

/** Where an accessory's files are mounted in the dump container. */
export const VOLUMES = "/volumes";
export const BACKUPS = "/backups";
/** Where records of stored backups are mounted. */
export const RECORDS = "/slipway-record";
const SCHEDULE_FILE = `${PROGRAMS}/schedule.json`;
/** Contains the access keys of the store. */
export const SPEC_FILE = `${PROGRAMS}/backup.json`;
const PRIVATE = 0o600;
const SHORT = 8;
/** Our programs end at once on SIGTERM. */
const STOP_GRACE = 10;

export const backupEntry = (accessory: string): string => `backup ${accessory}`;
export const jobEntry = (job: string): string => `job ${job}`;

/** All containers of a schedule; the scheduler last, since it starts the others. */
export function partsOf(inputs: ScheduleInputs, { accessories }: Pick<ObservedSchedule, "accessories">): Part[] {
  const backups = Object.entries(inputs.backups).flatMap(([name, backup]) => [
    sink(inputs, name, backup),
    dump(inputs, name, backup, accessories[backup.container]),
  ]);
  const jobs = Object.entries(inputs.jobs).map(([name, job]) => jobPart(inputs, name, job));
  return [...backups, ...jobs, scheduler(inputs)];
}

/** The configuration of the scheduler. */
export function scheduleOf(inputs: ScheduleInputs): Schedule {
  const backups = Object.entries(inputs.backups).map(([name, backup]) => ({
    name: backupEntry(name),
    cron: backup.cron,
    timezone: backup.timezone,
    timeout: backup.timeout,
    containers: [sinkName(backup), dumpName(backup)],
    concurrency: "forbid" as const,
  }));
  const jobs = Object.entries(inputs.jobs).map(([name, { cron, timezone, timeout, concurrency }]) => ({
    name: jobEntry(name),
    cron,
    timezone,
    timeout,
    concurrency,
    containers: [jobContainer(inputs, name)],
  }));
  return { name: schedulerContainer(inputs), entries: [...backups, ...jobs] };
}

/** Uses Docker's socket only: it has no network. */
function scheduler(inputs: ScheduleInputs): Part {
  const schedule = scheduleOf(inputs);
  const made = {
    Image: inputs.image,
    ...run(commandOf("scheduler", SCHEDULE_FILE)),
    StopTimeout: STOP_GRACE,
    HostConfig: {
      ...confined("none"),
      Binds: [`${DOCKER_SOCKET}:${DOCKER_SOCKET}`],
      RestartPolicy: { Name: "unless-stopped" },
    },
  };
  return part(inputs, { name: schedulerContainer(inputs), kind: "scheduler", entry: "", image: inputs.image }, made, {
    decides: { schedule, programs: inputs.programs },
    files: () => [...programFiles(["croner"]), fileEntry(SCHEDULE_FILE, Buffer.from(JSON.stringify(schedule)))],
  });
}

/** Stores what the dump writes. For an S3 store it is in the accessory's network, for a folder in none. */
function sink(inputs: ScheduleInputs, name: string, backup: Backup): Part {
  const { to, encrypt } = backup;
  const spec = sinkSpec(inputs, backup);
  const made = {
    Image: inputs.image,
    ...run(commandOf("sink", SPEC_FILE, PIPE, BACKUPS, RECORDS)),
    StopTimeout: STOP_GRACE,
    HostConfig: {
      ...confined(to.kind === "s3" ? backup.network : "none"),
      // The folder may belong to any user.
      CapAdd: to.kind === "directory" ? ["DAC_OVERRIDE"] : [],
      Binds: [
        ...[`${pipeVolume(backup)}:${PIPE}`, `${recordVolume(backup)}:${RECORDS}`],
        ...(to.kind === "directory" ? [`${to.path}:${BACKUPS}`] : []),
      ],
    },
  };
  const packages: Package[] = [
    ...(encrypt === undefined ? [] : ["age-encryption" as const]),
    ...(to.kind === "s3" ? ["aws4fetch" as const] : []),
  ];
  const { s3, ...shown } = spec;
  const store = s3 && { ...s3, accessKey: "", secretKey: "", fingerprint: to.kind === "s3" ? to.fingerprint : "" };
  return part(inputs, { name: sinkName(backup), kind: "sink", entry: backupEntry(name), image: inputs.image }, made, {
    decides: { spec: { ...shown, store }, programs: inputs.programs },
    files: () => [...programFiles(packages), fileEntry(SPEC_FILE, Buffer.from(JSON.stringify(spec)), PRIVATE)],
  });
}

const FORMS: Readonly<Record<PresetName, Form>> = {
  postgres: "dump",
  mysql: "sql",
  mariadb: "sql",
  redis: "rdb",
  valkey: "rdb",
};

/** The preset whose database is dumped; `undefined` for files: without a preset, or if volumes are declared. */
export const presetIn = ({ preset, volumes }: Backup): PresetName | undefined => (volumes === undefined ? preset : undefined);

export function sinkSpec({ secrets }: Pick<ScheduleInputs, "secrets">, backup: Backup): BackupSpec {
  const { folder: name, keep, to, encrypt } = backup;
  const preset = presetIn(backup);
  const form = preset === undefined ? "tar" : FORMS[preset];
  // pg_dump compresses by itself.
  const spec = { name, form, gzip: form !== "dump", keep, ...(encrypt === undefined ? {} : { encrypt }) };
  if (to.kind === "directory") return spec;
  const { endpoint, region, bucket, prefix } = to;
  const keys = { accessKey: secrets[to.accessKey] ?? "", secretKey: secrets[to.secretKey] ?? "" };
  return { ...spec, s3: { endpoint, region, bucket, prefix, ...keys } };
}

/** Runs in the accessory's own image and environment, so that client and server match; for files in our image, with its mounts. */
function dump(
  inputs: ScheduleInputs,
  name: string,
  backup: Backup,
  found: ObservedSchedule["accessories"][string] | undefined,
): Part {
  const preset = presetIn(backup);
  const pipe = `${pipeVolume(backup)}:${PIPE}`;
  const about = { name: dumpName(backup), kind: "dump" as const, entry: backupEntry(name) };
  // It only reads, so killing it loses nothing, and a shell as PID 1 ignores other signals.
  const stop = { StopSignal: "SIGKILL", User: "0" };
  if (preset === undefined) {
    const mounts = filesOf(backup, found).map(({ source, folder }) => `${source}:${VOLUMES}/${folder}:ro`);
    const HostConfig = { ...confined("none"), CapAdd: ["DAC_READ_SEARCH"], Binds: [pipe, ...mounts] };
    const made = { Image: inputs.image, ...run(dumpCommand("files", VOLUMES)), ...stop, HostConfig };
    return part(inputs, { ...about, image: inputs.image }, made, { decides: {}, files: () => [] });
  }
  const image = found?.image ?? backup.image;
  const port = String(backup.port ?? "");
  const HostConfig = { ...confined(backup.network), Binds: [pipe] };
  const made = { Image: image, ...run(dumpCommand(preset, backup.container, port)), ...stop, HostConfig };
  return part(inputs, { ...about, image }, made, {
    decides: { accessory: [backup.image, backup.spec], environment: environmentIn(backup) },
    files: () => [],
    env: () => envOf(inputs, backup),
  });
}

const slug = (target: string): string => target.replace(/^\/+|\/+$/g, "").replace(/[^\w.]+/g, "-");

/** The mounts of an accessory that are backed up, in a stable order, each with its folder in a backup; a restore finds the mount by it. */
export function filesOf({ volumes }: Backup, found: ObservedSchedule["accessories"][string] | undefined) {
  const mounts = (found?.mounts ?? [])
    .filter(({ kind, source }) => (volumes === undefined ? kind === "volume" : volumes.includes(source)))
    .sort((a, b) => (a.target < b.target ? -1 : 1));
  const isAlone = (folder: string) => mounts.filter(({ target }) => slug(target) === folder).length === 1;
  return mounts.map((mount) => {
    const folder = slug(mount.target);
    // `/data/files` and `/data-files` would have one folder.
    return { ...mount, folder: isAlone(folder) ? folder : `${folder}-${stableHash(mount.target).slice(0, SHORT)}` };
  });
}

/** Like the containers of its role, with its own command. */
function jobPart(inputs: ScheduleInputs, name: string, job: Job): Part {
  const container = jobContainer(inputs, name);
  const { image, command, options, mounts, logging, stopTimeout } = job;
  const made = {
    ...withoutAliases(bodyOf({ image, command, options, publish: undefined, mounts, logging, network: "kamal", stopTimeout })),
    Labels: job.labels,
  };
  return part(inputs, { name: container, kind: "job", entry: jobEntry(name), image }, made, {
    decides: { environment: environmentIn(job), version: job.version },
    files: () => [],
    env: () => [...kamalNames(inputs, job, container), ...envOf(inputs, job)],
  });
}

const kamalNames = ({ host, destination }: ScheduleInputs, { version }: Job, container: string): string[] =>
  version === undefined
    ? []
    : [
        ...[`KAMAL_CONTAINER_NAME=${container}`, `KAMAL_VERSION=${version}`, `KAMAL_HOST=${host.name}`],
        ...(destination === undefined ? [] : [`KAMAL_DESTINATION=${destination}`]),
      ];

type Environment = Pick<Backup, "env" | "secretEnv" | "secretsFingerprint">;

const environmentIn = ({ env, secretEnv, secretsFingerprint }: Environment): Environment => ({
  env,
  secretEnv,
  secretsFingerprint,
});

function envOf({ secrets }: ScheduleInputs, { env, secretEnv }: Environment): string[] {
  const secret = Object.entries(secretEnv).map(([name, source]) => [name, secrets[source] ?? ""]);
  return Object.entries({ ...env, ...Object.fromEntries(secret) }).map(([name, value]) => `${name}=${value}`);
}

/** Replaces the image's own entrypoint and command. */
const run = ([program = "", ...args]: readonly string[]) => ({ Entrypoint: [program], Cmd: args });

/** No capabilities, and only the network that it needs. */
const confined = (network: string): HostConfig => ({
  NetworkMode: network,
  CapDrop: ["ALL"],
  SecurityOpt: ["no-new-privileges"],
  LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } },
});

interface Making {
  /** What determines it besides its body. */
  readonly decides: object;
  readonly files: () => ArchiveEntry[];
  /** Its environment, with secrets. */
  readonly env?: () => string[];
}

function part(
  inputs: ScheduleInputs,
  about: Pick<Part, "name" | "kind" | "entry" | "image">,
  made: CreateBody,
  { decides, files, env = () => [] }: Making,
): Part {
  const spec = stableHash({ made, decides }).slice(0, SHORT);
  const labels = {
    ...made.Labels,
    "slipway.spec": spec,
    [STACK_LABEL]: inputs.stack,
    [LABELS.scheduled]: schedulerContainer(inputs),
    ...(about.entry === "" ? {} : { [LABELS.entry]: about.entry }),
  };
  return { ...about, spec, files, body: () => ({ ...made, Labels: labels, Env: env() }) };
}
