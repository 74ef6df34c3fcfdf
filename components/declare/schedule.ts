import type { Accessory, Config } from "../../config/index.ts";
import type { Job as ConfiguredJob } from "../../config/schedule/job.ts";
import { parseReference, pinned } from "../../core/image-reference.ts";
import { imageOf, type ReleasedImages } from "../../core/release/named-image.ts";
import type { Backup as DeclaredBackup } from "../../core/schedule/backup.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import type { Backup, Job, ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { declareAccessory } from "./accessory.ts";
import { declareEnv, secretsNamed } from "./env.ts";

/** What decides the schedules of a deployment, besides its release. */
export type ScheduleConfig = Pick<Config, "service" | "destination" | "secrets" | "schedule" | "accessories" | "jobs" | "roles">;

/** The image of the release, by digest: jobs without their own image run in it. */
export interface ReleaseImage extends ReleasedImages {
  /** The digests of the other jobs' images, by the job's name. Default: none. */
  readonly jobs?: Readonly<Record<string, { readonly image?: string | undefined }>> | undefined;
}

type Declared = Pick<ScheduleInputs, "service" | "destination" | "image" | "backups" | "jobs" | "secrets">;

/** Hosts with a backup or a job. */
export const scheduledHosts = ({ accessories, jobs }: Pick<Config, "accessories" | "jobs">): HostName[] =>
  [
    ...new Set([
      ...accessories.flatMap(({ backup, hosts }) => (backup === undefined ? [] : hosts)),
      ...jobs.map(({ host }) => host),
    ]),
  ].sort();

/**
 * What the config, and the digest of the release's image, decide of the schedule of one host.
 *
 * @param release undefined: there is no app, so there are no jobs
 */
export function declareSchedule(config: ScheduleConfig, host: HostName, release: ReleaseImage | undefined): Declared {
  const { service, destination, schedule } = config;
  const backups = declareBackups(config, host);
  const jobs = config.jobs.filter((job) => job.host === host).map((job) => [job.name, declareJob(config, job, release)] as const);
  const used = [...Object.values(backups).flatMap(secretsOfBackup), ...jobs.flatMap(([, job]) => Object.values(job.secretEnv))];
  return {
    service,
    ...omitUndefined({ destination }),
    image: schedule.image,
    backups,
    jobs: Object.fromEntries(jobs),
    secrets: secretsNamed(config, used),
  };
}

const secretsOfBackup = ({ secretEnv, to }: Backup): string[] => [
  ...Object.values(secretEnv),
  ...(to.kind === "s3" ? [to.accessKey, to.secretKey] : []),
];

const declareBackups = (config: ScheduleConfig, host: HostName): Record<string, Backup> =>
  Object.fromEntries(
    config.accessories.flatMap((accessory) =>
      accessory.backup === undefined || !accessory.hosts.includes(host)
        ? []
        : [[accessory.name, declareBackup(config, accessory, accessory.backup, host)]],
    ),
  );

function declareBackup(config: ScheduleConfig, accessory: Accessory, backup: DeclaredBackup, host: HostName): Backup {
  const { container, image, spec, env, secretEnv, secretsFingerprint } = declareAccessory(config, accessory, host);
  return {
    ...backup,
    env,
    secretEnv,
    secretsFingerprint,
    container,
    image,
    spec,
    folder: accessory.hosts.length === 1 ? container : `${container}-${host}`,
    ...omitUndefined({ preset: accessory.preset, port: accessory.containerPort }),
    network: accessory.network ?? "kamal",
    to: declareStore(config, backup),
  };
}

function declareStore(config: ScheduleConfig, { to }: DeclaredBackup): Backup["to"] {
  if (to.kind === "directory") return to;
  const keys = { clear: {}, secret: { ACCESS_KEY: to.accessKey, SECRET_KEY: to.secretKey } };
  return { ...to, fingerprint: declareEnv(config, keys).secretsFingerprint };
}

/** By digest, so that a moved tag changes the job. */
const ownImage = (image: string, digest: string | undefined): string =>
  digest === undefined ? image : pinned(parseReference(image), digest);

/** Runs as the role's containers on that host do, with its own command and perhaps its own image. */
function declareJob(config: ScheduleConfig, job: ConfiguredJob, release: ReleaseImage | undefined): Job {
  const { cron, timezone, timeout, concurrency, command, own } = job;
  const role = config.roles.find(({ name }) => name === job.role);
  if (role === undefined || release === undefined) throw new TypeError(`no role or no release for the job ${job.name}`);
  const { env, labels, options, mounts, logging, stopTimeout, on } = role;
  return {
    cron,
    timezone,
    timeout,
    concurrency,
    command,
    ...declareEnv(config, on[job.host]?.env ?? env),
    ...(own === undefined ? imageOf(release, role.name) : { image: ownImage(own.image, release.jobs?.[job.name]?.image) }),
    labels,
    options: { ...options, restart: { name: "no" } },
    mounts,
    logging,
    stopTimeout,
  };
}
