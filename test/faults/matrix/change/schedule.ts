import type { Bytes } from "../../../../core/words.ts";
import { nodeImage } from "../../../../lab/node.ts";
import { pulled } from "../../../support/images.ts";
import { aBackup, aJob, Scheduled } from "../../../support/scheduled.ts";
import type { Change, Declared, Play, Scene } from "./change.ts";
import { dockerProblems, said, unlike, type WantedContainer } from "./on-host.ts";

const DISK: Bytes = 768 * 1024 ** 2;
const BACKUPS = "/srv/shop/backups";
/** Data of the accessory that is backed up, and a finished backup of it. */
const LAY = `rm -rf ${BACKUPS}; mkdir -p ${BACKUPS}/shop-db; echo finished >${BACKUPS}/shop-db/2026-01-01; docker network create kamal >/dev/null
docker run -d --restart always --network kamal --name shop-db -v shop-db-data:/data`;
const READ = `cat ${BACKUPS}/shop-db/2026-01-01 && docker exec shop-db sh -c 'cat /data/row' && ls ${BACKUPS}/shop-db`;

const common = { provider: "schedule", machine: { disk: DISK } } as const;

async function app({ lab, host, address }: Scene) {
  const { ref, digest } = await nodeImage(lab.registry, "24-slim");
  const job = (script: string) => aJob(ref, script);
  const { preset: _preset, port: _port, secretEnv: _secretEnv, ...files } = aBackup({});
  const backup = (keep: number) => ({ ...files, secretEnv: {}, env: {}, secretsFingerprint: "", keep });
  const inputs = (backups: Declared, jobs: Declared): Declared => ({
    ...new Scheduled(lab, host, ref).inputs,
    host: address,
    backups,
    jobs,
  });
  const lay = async () => {
    await pulled(lab, host, ref);
    await host.must(`${LAY} ${ref} sh -c 'echo kept >/data/row; sleep infinity' >/dev/null`);
  };
  const idle = { running: false } as const;
  const backedUp: Record<string, WantedContainer> = { "shop-db-backup": idle, "shop-db-backup-dump": idle };
  const scheduler: Record<string, WantedContainer> = { "shop-schedule": { running: true, restart: "unless-stopped" } };
  const found = async (containers: Record<string, WantedContainer>, volumes: readonly string[]) => [
    ...(await dockerProblems(host, {
      containers: { "shop-db": { running: true, restart: "always" }, ...containers },
      volumes: ["shop-db-data", ...volumes],
      networks: ["kamal"],
      images: [digest],
    })),
    ...unlike("the data and its backup", "finished\nkept\n2026-01-01", await said(host, READ)),
  ];
  return { job, backup, inputs, lay, idle, backedUp, scheduler, found };
}

async function created(scene: Scene): Promise<Play> {
  const { job, backup, inputs, lay, idle, backedUp, scheduler, found } = await app(scene);
  const after = inputs({ db: backup(3) }, { clean: job("echo cleaned") });
  return {
    before: undefined,
    attempt: after,
    after,
    lay,
    problems: (when) =>
      when === "before" ? found({}, []) : found({ ...backedUp, ...scheduler, "shop-job-clean": idle }, ["shop-db-backup-pipe"]),
  };
}

async function changed(scene: Scene): Promise<Play> {
  const { job, backup, inputs, lay, idle, backedUp, scheduler, found } = await app(scene);
  const after = inputs({ db: backup(4) }, { clean: job("echo cleaned more"), report: job("echo reported") });
  const jobs = (...names: string[]) => Object.fromEntries(names.map((name) => [`shop-job-${name}`, idle]));
  return {
    before: inputs({ db: backup(3) }, { clean: job("echo cleaned"), old: job("echo old") }),
    attempt: after,
    after,
    lay,
    problems: (when) =>
      found({ ...backedUp, ...scheduler, ...(when === "before" ? jobs("clean", "old") : jobs("clean", "report")) }, [
        "shop-db-backup-pipe",
      ]),
  };
}

async function removed(scene: Scene): Promise<Play> {
  const { job, backup, inputs, lay, idle, backedUp, scheduler, found } = await app(scene);
  return {
    before: inputs({ db: backup(3) }, { clean: job("echo cleaned") }),
    attempt: undefined,
    after: undefined,
    lay,
    problems: (when) =>
      when === "after" ? found({}, []) : found({ ...backedUp, ...scheduler, "shop-job-clean": idle }, ["shop-db-backup-pipe"]),
  };
}

export const SCHEDULE: readonly Change[] = [
  {
    ...common,
    name: "schedule-create",
    says: "a backup and a job, on a host that has no schedule",
    faults: ["kill", "cut"],
    play: created,
  },
  {
    ...common,
    name: "schedule-change",
    says: "another backup, one job changed, one new, one gone",
    // 48 points: with the other faults, too, it would take half an hour.
    faults: ["kill", "cut"],
    play: changed,
  },
  {
    ...common,
    name: "schedule-remove",
    says: "a schedule that is no longer declared, and whose backups stay",
    faults: ["kill", "cut"],
    play: removed,
  },
];
