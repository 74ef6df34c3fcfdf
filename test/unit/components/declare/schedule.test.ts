import { describe, expect, it } from "vitest";
import { declareSchedule, scheduledHosts } from "../../../../components/declare/schedule.ts";
import type { Job } from "../../../../config/schedule/job.ts";
import type { Backup } from "../../../../core/schedule/backup.ts";
import { read } from "../../config/fixture.ts";

const SECRETS = { DB: "db-password", KEY: "store-key", SECRET: "store-secret", TOKEN: "app-token", OTHER: "unused here" };
const RELEASE = { image: "ghcr.io/acme/shop@sha256:1", version: "1.4.2" };
const CLOCK = { cron: "@daily", timezone: "UTC", timeout: 60 };
const BACKUP: Backup = {
  ...CLOCK,
  keep: 7,
  encrypt: undefined,
  volumes: undefined,
  drill: undefined,
  to: {
    kind: "s3",
    endpoint: "https://s3.example.com",
    region: "eu-1",
    bucket: "acme",
    prefix: "",
    accessKey: "KEY",
    secretKey: "SECRET",
  },
};
const JOB: Job = {
  ...CLOCK,
  name: "sweep",
  host: "203.0.113.11",
  role: "worker",
  own: undefined,
  command: ["bin/sweep"],
  concurrency: "forbid",
};

const config = (job: Partial<Job> = {}) => {
  const written = read({
    secrets: SECRETS,
    env: { clear: { LEVEL: "info" }, secret: ["TOKEN"] },
    servers: {
      web: ["203.0.113.10"],
      worker: { hosts: ["203.0.113.11"], proxy: false, options: { memory: "64m", publish: ["9000:9000"] } },
    },
    accessories: {
      db: { image: "postgres:16", hosts: ["203.0.113.10", "203.0.113.11"], env: { secret: ["POSTGRES_PASSWORD:DB"] } },
      cache: { image: "redis:7", host: "203.0.113.10" },
    },
  });
  const accessories = written.accessories.map((one) => (one.name === "db" ? { ...one, backup: BACKUP } : one));
  return { ...written, accessories, jobs: [{ ...JOB, ...job }], schedule: { image: "node:24-slim" } };
};

describe("what is declared of backups and jobs", () => {
  it("is one schedule for each host that has any", () => {
    expect(scheduledHosts(config())).toEqual(["203.0.113.10", "203.0.113.11"]);
    expect(scheduledHosts({ ...config(), jobs: [], accessories: [] })).toEqual([]);
  });

  it("has the jobs of that host alone, with the role's environment, limits and image", () => {
    expect(declareSchedule(config(), "203.0.113.10", RELEASE).jobs).toEqual({});
    const { jobs } = declareSchedule(config(), "203.0.113.11", RELEASE);
    expect(jobs.sweep).toMatchObject({
      image: RELEASE.image,
      version: "1.4.2",
      command: ["bin/sweep"],
      env: { LEVEL: "info" },
      secretEnv: { TOKEN: "TOKEN" },
      options: { memory: 64 * 1024 * 1024, restart: { name: "no" } },
    });
  });

  it("pins the image of a job to the digest of this run", () => {
    const digest = `sha256:${"9f31".repeat(16)}`;
    const { jobs } = declareSchedule(config({ own: { image: "ghcr.io/acme/report:2", builder: undefined } }), "203.0.113.11", {
      ...RELEASE,
      jobs: { sweep: { image: digest } },
    });
    expect(jobs.sweep?.image).toBe(`ghcr.io/acme/report@${digest}`);
  });

  it("names no release for a job with an image of its own", () => {
    const { jobs } = declareSchedule(
      config({ own: { image: "ghcr.io/acme/report:2", builder: undefined } }),
      "203.0.113.11",
      RELEASE,
    );
    expect(jobs.sweep?.image).toBe("ghcr.io/acme/report:2");
    expect(jobs.sweep?.version).toBeUndefined();
  });

  it("keeps the backups of two hosts apart", () => {
    const folders = ["203.0.113.10", "203.0.113.11"].map((host) => declareSchedule(config(), host, RELEASE).backups.db?.folder);
    expect(folders).toEqual(["shop-db-production-203.0.113.10", "shop-db-production-203.0.113.11"]);
  });

  it("has the secrets that are used there, and their values nowhere else", () => {
    const { secrets, ...rest } = declareSchedule(config(), "203.0.113.10", RELEASE);
    expect(Object.keys(secrets)).toEqual(["DB", "KEY", "SECRET"]);
    expect(JSON.stringify(rest)).not.toMatch(/db-password|store-key|store-secret|app-token/);
    expect(Object.keys(declareSchedule(config(), "203.0.113.11", RELEASE).secrets)).toEqual(["DB", "KEY", "SECRET", "TOKEN"]);
  });
});
