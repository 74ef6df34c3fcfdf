import { describe, expect, it } from "vitest";
import { scheduleFacts, warningsOf } from "../../../../providers/schedule/facts.ts";
import { type FoundPart, NOTHING_FOUND, type ObservedSchedule } from "../../../../providers/schedule/found.ts";
import { type Backup, type Job, ScheduleInputs } from "../../../../providers/schedule/inputs.ts";
import { partsOf, scheduleOf } from "../../../../providers/schedule/parts.ts";
import { describe as inWords, planSchedule } from "../../../../providers/schedule/plan.ts";
import { scheduleProvider } from "../../../../providers/schedule/provider.ts";

const BACKUP: Backup = {
  cron: "17 3 * * *",
  timezone: "UTC",
  timeout: 600,
  env: { POSTGRES_USER: "app" },
  secretEnv: { POSTGRES_PASSWORD: "DB" },
  secretsFingerprint: "f1",
  container: "shop-db",
  folder: "shop-db",
  image: "postgres:16",
  spec: "aaaaaaaa",
  preset: "postgres",
  port: 5432,
  network: "kamal",
  keep: 7,
  to: { kind: "directory", path: "/var/backups" },
};
const JOB: Job = {
  cron: "*/5 * * * *",
  timezone: "UTC",
  timeout: 60,
  concurrency: "forbid",
  env: {},
  secretEnv: { TOKEN: "T" },
  secretsFingerprint: "f2",
  image: "shop@sha256:1",
  version: "1.0",
  command: ["bin/sweep"],
  labels: {},
  mounts: [],
  stopTimeout: 10,
  options: { restart: { name: "no" }, capAdd: [], capDrop: [], readOnly: false, tmpfs: {}, addHost: [], ulimits: [] },
  logging: { driver: "json-file", options: {} },
};
const INPUTS: ScheduleInputs = ScheduleInputs.parse({
  schema: 1,
  host: { name: "web-1", address: "203.0.113.10", port: 22, user: "root" },
  stack: "shop/production",
  service: "shop",
  image: "node:24-slim",
  programs: "p1",
  backups: { db: BACKUP },
  jobs: { sweep: JOB },
  status: "running",
  secrets: { DB: "db-password", T: "job-token" },
});
const THERE = { "shop-db": { image: "sha256:db1", mounts: [] } };

const asFound = (inputs: ScheduleInputs, accessories: ObservedSchedule["accessories"] = THERE): ObservedSchedule => ({
  kind: "present",
  accessories,
  parts: partsOf(inputs, { accessories }).map(({ name, spec, entry, kind }): FoundPart => {
    const running = kind === "scheduler";
    return {
      id: name.padEnd(12, "0"),
      name,
      ours: true,
      spec,
      entry,
      running,
      status: running ? "running" : "created",
      created: "2026-11-20T00:00:00Z",
    };
  }),
});

const withPart = (found: ObservedSchedule, name: string, change: Partial<FoundPart>): ObservedSchedule => ({
  ...found,
  parts: found.parts.map((part) => (part.name === name ? { ...part, ...change } : part)),
});
const steps = (inputs: ScheduleInputs, found: ObservedSchedule): string[] =>
  planSchedule(inputs, found).map((operation) => inWords(operation));

describe("the plan of a schedule", () => {
  it("makes everything on a host that has nothing, the scheduler last", () => {
    expect(steps(INPUTS, NOTHING_FOUND)).toEqual([
      ...["create shop-db-backup", "create shop-db-backup-dump", "create shop-job-sweep", "create shop-schedule"],
    ]);
  });

  it("does nothing when all is as declared", () => {
    expect(steps(INPUTS, asFound(INPUTS))).toEqual([]);
  });

  it("starts a scheduler that was stopped by hand", () => {
    const found = withPart(asFound(INPUTS), "shop-schedule", { running: false, status: "stopped with code 137" });
    expect(steps(INPUTS, found)).toEqual(["start shop-schedule, found stopped with code 137 (drift)"]);
  });

  it("gives a job the new release, and the scheduler rests meanwhile", () => {
    const next = { ...INPUTS, jobs: { sweep: { ...JOB, image: "shop@sha256:2", version: "1.1" } } };
    expect(steps(next, asFound(INPUTS))).toEqual([
      ...[
        "stop shop-schedule temporarily",
        "remove shop-job-sweep",
        "create shop-job-sweep (changed)",
        "start shop-schedule again",
      ],
    ]);
  });

  it("lets a job that runs finish under another name", () => {
    const next = { ...INPUTS, jobs: { sweep: { ...JOB, version: "1.1" } } };
    const found = withPart(asFound(INPUTS), "shop-job-sweep", { running: true });
    expect(planSchedule(next, found).map((operation) => operation.do)).toEqual([
      "stop scheduler",
      "leave",
      "create",
      "start scheduler",
    ]);
  });

  it("follows the accessory to another image, so that the client fits the server", () => {
    const found = { ...asFound(INPUTS), accessories: { "shop-db": { image: "sha256:db2", mounts: [] } } };
    expect(steps(INPUTS, found)).toEqual([
      ...[
        "stop shop-schedule temporarily",
        "remove shop-db-backup-dump",
        "create shop-db-backup-dump (changed)",
        "start shop-schedule again",
      ],
    ]);
  });

  it("replaces the scheduler when the times change, and nothing else", () => {
    const next = { ...INPUTS, jobs: { sweep: { ...JOB, cron: "@hourly" } } };
    expect(steps(next, asFound(INPUTS))).toEqual(["remove shop-schedule", "create shop-schedule (changed)"]);
  });

  it("takes away what is not wanted any more", () => {
    expect(steps({ ...INPUTS, jobs: {} }, asFound(INPUTS))).toEqual([
      ...["remove shop-schedule", "remove shop-job-sweep (not declared)", "create shop-schedule (changed)"],
    ]);
  });

  it("takes away what a killed run did not finish, before it makes it again", () => {
    const found = asFound(INPUTS);
    const killed = withPart(found, "shop-job-sweep", { name: "shop-job-sweep-unfinished" });
    expect(steps(INPUTS, killed).filter((step) => step.includes("sweep"))).toEqual([
      ...["remove shop-job-sweep-unfinished (unfinished)", "create shop-job-sweep"],
    ]);
  });

  it("never touches a container of someone else, whatever its name", () => {
    const found = withPart(asFound(INPUTS), "shop-job-sweep", { ours: false, name: "shop-job-sweep-old" });
    expect(planSchedule(INPUTS, found).filter((operation) => "found" in operation && !operation.found.ours)).toEqual([]);
  });

  it("makes again what is missing", () => {
    const found = asFound(INPUTS);
    const without = { ...found, parts: found.parts.filter(({ name }) => name !== "shop-db-backup") };
    expect(steps(INPUTS, without)).toContain("create shop-db-backup");
  });

  it("is empty after it was carried out", () => {
    const next = { ...INPUTS, image: "node:24.1-slim", jobs: { other: JOB } };
    expect(steps(next, asFound(next))).toEqual([]);
  });
});

describe("what decides the containers of a schedule", () => {
  const specs = (inputs: ScheduleInputs) =>
    Object.fromEntries(partsOf(inputs, { accessories: THERE }).map(({ name, spec }) => [name, spec]));

  it("has a changed secret in it only where that is used", () => {
    const before = specs(INPUTS);
    const after = specs({ ...INPUTS, backups: { db: { ...BACKUP, secretsFingerprint: "f9" } } });
    expect(Object.keys(before).filter((name) => before[name] !== after[name])).toEqual(["shop-db-backup-dump"]);
  });

  it("keeps secrets out of names, labels, commands and hashes", () => {
    const parts = partsOf(INPUTS, { accessories: THERE });
    for (const { body } of parts) {
      const { Env, ...rest } = body();
      expect(JSON.stringify(rest)).not.toMatch(/db-password|job-token/);
    }
    const other = specs({ ...INPUTS, secrets: { DB: "x", T: "y" } });
    expect(other).toEqual(specs(INPUTS));
  });

  it("gives Docker's socket to the scheduler alone, and it has no network", () => {
    const bodies = partsOf(INPUTS, { accessories: THERE }).map(({ name, body }) => [name, body().HostConfig] as const);
    expect(bodies.filter(([, host]) => host?.Binds?.some((bind) => bind.includes("docker.sock"))).map(([name]) => name)).toEqual([
      "shop-schedule",
    ]);
    const [, scheduler] = bodies.find(([name]) => name === "shop-schedule") ?? [];
    expect(scheduler).toMatchObject({ NetworkMode: "none", CapDrop: ["ALL"] });
  });

  it("names the keeper first: its end is the end of a backup", () => {
    expect(scheduleOf(INPUTS).entries.map(({ name, containers }) => [name, containers])).toEqual([
      ["backup db", ["shop-db-backup", "shop-db-backup-dump"]],
      ["job sweep", ["shop-job-sweep"]],
    ]);
  });
});

describe("what status and preview say of a schedule", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const factsWith = (change: Partial<FoundPart>) =>
    scheduleFacts(INPUTS, withPart(asFound(INPUTS), "shop-db-backup", change), now);
  const said = '{"id":"20261121-031700-000","bytes":1024,"seconds":2.5}';
  const last = { at: "2026-11-21T03:17:02Z", seconds: 2.5, code: 0, said };

  it("reports the last backup and the next one", () => {
    const [fact] = factsWith({ last });
    expect(fact).toMatchObject({ kind: "backup", name: "db", running: false, next: "2026-11-22T03:17:00.000Z" });
    expect(fact?.last).toMatchObject({ ok: true, id: "20261121-031700-000", bytes: 1024 });
    expect(warningsOf(factsWith({ last }))).toEqual([]);
  });

  it("warns of one that failed, with its own words", () => {
    const failed = { ...last, code: 1, said: '{"error":"the dump ended with code 1"}' };
    expect(warningsOf(factsWith({ last: failed }))).toEqual([
      "the last backup of db failed at 2026-11-21T03:17:02Z: the dump ended with code 1; try it now: slipway backup run db",
    ]);
  });

  it("warns when the run that its schedule had last did not come", () => {
    const old = { ...last, at: "2026-11-18T03:17:02Z" };
    expect(warningsOf(factsWith({ last: old }))[0]).toBe(
      "no backup of db for 81 h: the one of 2026-11-21T03:17:00.000Z did not come; try it now: slipway backup run db",
    );
    expect(warningsOf(factsWith({ created: "2026-11-21T04:00:00Z" }))).toEqual([]);
    expect(warningsOf(factsWith({ created: "2026-11-01T00:00:00Z" }))[0]).toMatch(/^no backup of db for/);
  });

  it.each([
    ["0 3 * * MON-FRI", "2026-11-20T03:00:09Z", "2026-11-22T12:00:00Z", false],
    ["0 3 * * MON-FRI", "2026-11-20T03:00:09Z", "2026-11-23T02:00:00Z", false],
    ["0 3 * * MON-FRI", "2026-11-20T03:00:09Z", "2026-11-23T03:05:00Z", false],
    ["0 3 * * MON-FRI", "2026-11-20T03:00:09Z", "2026-11-23T04:00:00Z", true],
    ["0 3 1,2 * *", "2026-11-02T03:00:09Z", "2026-11-29T12:00:00Z", false],
    ["0 9,10 * * *", "2026-11-21T10:00:09Z", "2026-11-21T20:00:00Z", false],
    ["0 9,10 * * *", "2026-11-21T09:00:09Z", "2026-11-21T20:00:00Z", true],
  ])("reads %s, last run at %s, asked at %s: overdue %s", (cron, at, asked, isOverdue) => {
    const inputs = { ...INPUTS, backups: { db: { ...BACKUP, cron } } };
    const found = withPart(asFound(inputs), "shop-db-backup", { last: { ...last, at } });
    const [fact] = scheduleFacts(inputs, found, new Date(asked));
    expect(fact?.overdue !== undefined).toBe(isOverdue);
  });

  it("reads the host's clock, not this machine's", () => {
    const asked = new Date("2026-11-21T03:00:00Z");
    const found = withPart(asFound(INPUTS), "shop-db-backup", { last: { ...last, at: "2026-11-20T03:17:02Z" } });
    expect(scheduleFacts(INPUTS, found, asked)[0]?.overdue).toBeUndefined();
    expect(scheduleFacts(INPUTS, { ...found, clockAhead: 3600 }, asked)[0]?.overdue).toBeGreaterThan(0);
  });

  it("knows no next run while the scheduler is down", () => {
    const down = withPart(asFound(INPUTS), "shop-schedule", { running: false });
    expect(scheduleFacts(INPUTS, down, now).every(({ next }) => next === undefined)).toBe(true);
  });
});

describe("the provider's plan", () => {
  it("changes nothing when nothing changed", () => {
    const state = { ...INPUTS, found: asFound(INPUTS) };
    expect(scheduleProvider.plan(INPUTS, state).changes).toBe(false);
  });
  it("changes nothing because the digest of its image is known now, and was not before", () => {
    const state = { ...INPUTS, found: asFound(INPUTS), digest: `sha256:${"9f31".repeat(16)}` };
    expect(scheduleProvider.plan(INPUTS, state).changes).toBe(false);
  });
  it("writes what a drill asks, without a change on the host", () => {
    const next = { ...INPUTS, backups: { db: { ...BACKUP, drill: "SELECT 1" } } };
    const { changes, text } = scheduleProvider.plan(next, { ...INPUTS, found: asFound(INPUTS) });
    expect(changes).toBe(true);
    expect(text).toContain("no change on the host");
  });
});

describe("the folders of a backup of files", () => {
  const bindsOf = (targets: readonly string[]): string[] => {
    const mounts = targets.map((target, at) => ({ kind: "volume" as const, source: `v${at}`, target }));
    const { preset: _, ...files } = BACKUP;
    const inputs = { ...INPUTS, backups: { db: files } };
    const dump = partsOf(inputs, { accessories: { "shop-db": { image: "sha256:db1", mounts } } }).find(
      ({ kind }) => kind === "dump",
    );
    return (
      dump
        ?.body()
        .HostConfig?.Binds?.slice(1)
        .map((bind) => bind.split(":")[1] ?? "") ?? []
    );
  };

  it("have the names of the paths", () =>
    expect(bindsOf(["/data/files", "/etc/app"])).toEqual(["/volumes/data-files", "/volumes/etc-app"]));

  it("differ for paths that would have one name", () => {
    const folders = bindsOf(["/data/files", "/data-files", "/etc"]);
    expect(new Set(folders).size).toBe(3);
    expect(folders).toContain("/volumes/etc");
  });
});
