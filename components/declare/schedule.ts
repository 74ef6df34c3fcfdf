import type { Accessory, Config } from "../../config/index.ts";
import type { Backup as WrittenBackup } from "../../config/schedule/backup.ts";
import type { Job as WrittenJob } from "../../config/schedule/job.ts";
import type { HostName } from "../../core/words.ts";
import { written } from "../../core/written.ts";
import type { Backup, Job, ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { declareAccessory } from "./accessory.ts";
import { declareEnv } from "./env.ts";

/** What jobs run in: the release's, by digest. */
export interface ReleaseImage {
  readonly image: string;
  readonly version: string;
}

type Declared = Pick<ScheduleInputs, "service" | "destination" | "image" | "backups" | "jobs" | "secrets">;

/** Hosts where something happens at its time. */
export const scheduledHosts = ({ accessories, jobs }: Config): HostName[] =>
  [
    ...new Set([
      ...accessories.flatMap(({ backup, hosts }) => (backup === undefined ? [] : hosts)),
      ...jobs.map(({ host }) => host),
    ]),
  ].sort();

/** What the config, and the digest of the release's image, decide of the schedule of one host. */
export function declareSchedule(config: Config, host: HostName, release: ReleaseImage): Declared {
  const { service, destination, schedule } = config;
  const backups = declareBackups(config, host);
  const jobs = config.jobs.filter((job) => job.host === host).map((job) => [job.name, declareJob(config, job, release)] as const);
  const used = new Set([
    ...Object.values(backups).flatMap(secretsOfBackup),
    ...jobs.flatMap(([, job]) => Object.values(job.secretEnv)),
  ]);
  return {
    service,
    ...written({ destination }),
    image: schedule.image,
    backups,
    jobs: Object.fromEntries(jobs),
    secrets: Object.fromEntries([...used].sort().map((name) => [name, config.secrets[name] ?? ""])),
  };
}

const secretsOfBackup = ({ secretEnv, to }: Backup): string[] => [
  ...Object.values(secretEnv),
  ...(to.kind === "s3" ? [to.accessKey, to.secretKey] : []),
];

const declareBackups = (config: Config, host: HostName): Record<string, Backup> =>
  Object.fromEntries(
    config.accessories.flatMap((accessory) =>
      accessory.backup === undefined || !accessory.hosts.includes(host)
        ? []
        : [[accessory.name, declareBackup(config, accessory, accessory.backup, host)]],
    ),
  );

function declareBackup(config: Config, accessory: Accessory, backup: WrittenBackup, host: HostName): Backup {
  const { container, image, spec, env, secretEnv, secretsFingerprint } = declareAccessory(config, accessory, host);
  const { cron, timezone, timeout, keep, encrypt, volumes, drill } = backup;
  return {
    ...{ cron, timezone, timeout, env, secretEnv, secretsFingerprint },
    ...{ container, image, spec, keep },
    folder: accessory.hosts.length === 1 ? container : `${container}-${host}`,
    ...written({ preset: accessory.preset, port: accessory.containerPort }),
    network: accessory.network ?? "kamal",
    to: declarePlace(config, backup),
    ...written({ encrypt, volumes: volumes && [...volumes], drill }),
  };
}

function declarePlace(config: Config, { to }: WrittenBackup): Backup["to"] {
  if (to.kind === "directory") return { ...to };
  const keys = { clear: {}, secret: { ACCESS_KEY: to.accessKey, SECRET_KEY: to.secretKey } };
  return { ...to, fingerprint: declareEnv(config, keys).secretsFingerprint };
}

/** As the role's containers on that host, with another command and maybe another image. */
function declareJob(config: Config, job: WrittenJob, release: ReleaseImage): Job {
  const { cron, timezone, timeout, concurrency, command, image } = job;
  const role = config.roles.find(({ name }) => name === job.role);
  if (role === undefined) throw new TypeError(`no role for the job ${job.name}`);
  return {
    ...{ cron, timezone, timeout, concurrency, command: [...command] },
    ...declareEnv(config, role.on[job.host]?.env ?? role.env),
    image: image ?? release.image,
    ...(image === undefined ? { version: release.version } : {}),
    labels: role.labels,
    options: { ...role.options, restart: { name: "no" } },
    mounts: role.mounts,
    logging: role.logging,
    stopTimeout: role.stopTimeout,
  };
}
