import { z } from "zod";
import { Environment } from "../../core/container/environment.ts";
import { Logging } from "../../core/container/logging.ts";
import { Mount } from "../../core/container/mount.ts";
import { ContainerOptions } from "../../core/container/options.ts";
import { Address } from "../../hosts/index.ts";
import { PresetName } from "../accessory/inputs.ts";
import { FoundSchedule } from "./found.ts";

const texts = z.record(z.string(), z.string());

/** Where backups are kept. */
export const BackupPlace = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("directory"), path: z.string() }),
  z.object({
    kind: z.literal("s3"),
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    prefix: z.string(),
    /** Names in `secrets`. */
    accessKey: z.string(),
    secretKey: z.string(),
    /** Stands for their values in the spec hash. */
    fingerprint: z.string(),
  }),
]);
export type BackupPlace = z.infer<typeof BackupPlace>;

const when = { cron: z.string(), timezone: z.string(), /** Seconds. */ timeout: z.number() };

/** The backup of one accessory. */
export const Backup = z.object({
  ...when,
  ...Environment.shape,
  /** The accessory's. */
  container: z.string(),
  /** Of its backups, in their place. */
  folder: z.string(),
  /** As written, and the accessory's spec hash: with them the container of the dump changes. */
  image: z.string(),
  spec: z.string(),
  /** Absent: files. */
  preset: PresetName.optional(),
  port: z.number().optional(),
  network: z.string(),
  /** Of files: names of volumes, or folders; absent: all volumes that the accessory mounts. */
  volumes: z.array(z.string()).optional(),
  keep: z.number(),
  to: BackupPlace,
  encrypt: z.string().optional(),
  /** What a drill asks. */
  drill: z.string().optional(),
});
export type Backup = z.infer<typeof Backup>;

/** A command that is run again and again. */
export const Job = z.object({
  ...when,
  ...Environment.shape,
  concurrency: z.enum(["forbid", "allow"]),
  /** By digest where it is the release's, else as written. */
  image: z.string(),
  /** Of the release; absent with an image of its own. */
  version: z.string().optional(),
  command: z.array(z.string()),
  labels: texts,
  options: ContainerOptions,
  mounts: z.array(Mount),
  logging: Logging,
  /** Seconds between the stop signal and SIGKILL. */
  stopTimeout: z.number(),
});
export type Job = z.infer<typeof Job>;

/** All that happens at its time on one host, as declared. */
export const ScheduleInputs = z.object({
  schema: z.literal(1),
  host: Address,
  stack: z.string(),
  service: z.string(),
  destination: z.string().optional(),
  /** As written; runs the scheduler, and keeps and gives back backups. */
  image: z.string(),
  /** Which programs of ours run in it: `programHash()`. */
  programs: z.string(),
  /** By the accessory's name. */
  backups: z.record(z.string(), Backup),
  jobs: z.record(z.string(), Job),
  registry: z.object({ server: z.string(), username: z.string(), password: z.string() }).optional(),
  secrets: texts,
  status: z.literal("running"),
});
export type ScheduleInputs = z.infer<typeof ScheduleInputs>;

export const ScheduleState = ScheduleInputs.extend({ found: FoundSchedule });
export type ScheduleState = z.infer<typeof ScheduleState>;

type Named = Pick<ScheduleInputs, "service" | "destination">;

const joined = ({ service, destination }: Named, ...parts: string[]): string =>
  [service, ...parts, ...(destination === undefined ? [] : [destination])].join("-");

/** `shop-schedule-production` */
export const schedulerName = (inputs: Named): string => joined(inputs, "schedule");

/** `shop-job-cleanup-production` */
export const jobName = (inputs: Named, job: string): string => joined(inputs, "job", job);

/** The container that keeps what is dumped, which is what a backup's result is asked of. */
export const sinkName = ({ container }: Pick<Backup, "container">): string => `${container}-backup`;

export const dumpName = ({ container }: Pick<Backup, "container">): string => `${container}-backup-dump`;

/** Where the two of them meet; empty between two backups. */
export const pipeVolume = ({ container }: Pick<Backup, "container">): string => `${container}-backup-pipe`;
