import { z } from "zod";
import { PresetName } from "../../core/accessory/preset.ts";
import { Environment } from "../../core/container/environment.ts";
import { Logging } from "../../core/container/logging.ts";
import { Mount } from "../../core/container/mount.ts";
import { ContainerOptions } from "../../core/container/options.ts";
import { Owner } from "../../core/owner.ts";
import { Registry } from "../../core/registry.ts";
import { Backup as DeclaredBackup } from "../../core/schedule/backup.ts";
import { Job as DeclaredJob } from "../../core/schedule/job.ts";
import { DirectoryStore, S3Store } from "../../core/schedule/store.ts";
import { Address } from "../../hosts/index.ts";
import { FoundSchedule } from "./found.ts";

const texts = z.record(z.string(), z.string());

/** Where the backups of one accessory are kept. */
export const Store = z.discriminatedUnion("kind", [
  DirectoryStore,
  /** Stands for the values of its keys in the spec hash. */
  S3Store.extend({ fingerprint: z.string() }),
]);
export type Store = z.infer<typeof Store>;

/** The backup of one accessory. */
export const Backup = z.object({
  ...DeclaredBackup.shape,
  ...Environment.shape,
  /** The accessory's container. */
  container: z.string(),
  /** Of its backups, in the store. */
  folder: z.string(),
  /** As declared, with the accessory's spec hash: when either changes, the dump container is replaced. */
  image: z.string(),
  spec: z.string(),
  /** Absent: files. */
  preset: PresetName.optional(),
  port: z.number().optional(),
  network: z.string(),
  to: Store,
});
export type Backup = z.infer<typeof Backup>;

/** A command that runs again and again, in a container of a role. */
export const Job = z.object({
  ...DeclaredJob.shape,
  ...Environment.shape,
  /** By digest if it is the release's image, else as declared. */
  image: z.string(),
  /** Of the release; absent if the job has its own image. */
  version: z.string().optional(),
  labels: texts,
  options: ContainerOptions,
  mounts: z.array(Mount),
  logging: Logging,
  /** Seconds between the stop signal and SIGKILL. */
  stopTimeout: z.number(),
});
export type Job = z.infer<typeof Job>;

/** The backups and jobs of one host, as declared. */
export const ScheduleInputs = z.object({
  schema: z.literal(1),
  host: Address,
  ...Owner.shape,
  service: z.string(),
  destination: z.string().optional(),
  /**
   * As declared; runs the scheduler, and stores and restores backups. A tag is resolved when this text changes, never because the registry
   * moved the tag.
   */
  image: z.string(),
  /** Which of our programs run in it: `programHash()`. */
  programs: z.string(),
  /** By the accessory's name. */
  backups: z.record(z.string(), Backup),
  jobs: z.record(z.string(), Job),
  registry: Registry.optional(),
  secrets: texts,
  status: z.literal("running"),
});
export type ScheduleInputs = z.infer<typeof ScheduleInputs>;

export const ScheduleState = ScheduleInputs.extend({
  found: FoundSchedule,
  /** That `image` was resolved to; absent before that, and for an image that is in no registry. */
  digest: z.string().optional(),
});
export type ScheduleState = z.infer<typeof ScheduleState>;

/** The container that keeps what is dumped, which is what a backup's result is asked of. */
export const sinkName = ({ container }: Pick<Backup, "container">): string => `${container}-backup`;

export const dumpName = ({ container }: Pick<Backup, "container">): string => `${container}-backup-dump`;

/** What the host records of its backups: no other container has it. */
export const recordVolume = ({ container }: Pick<Backup, "container">): string => `${container}-backup-record`;

/** Where the two of them meet; empty between two backups. */
export const pipeVolume = ({ container }: Pick<Backup, "container">): string => `${container}-backup-pipe`;
