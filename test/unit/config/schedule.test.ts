import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import { Secrets } from "../../../config/env/secret.ts";
import { faultOfAgeKey } from "../../../config/schedule/age-key.ts";
import { BackupSection, resolveBackup } from "../../../config/schedule/backup.ts";
import { resolveCron } from "../../../config/schedule/cron.ts";
import { JobsSection, resolveJobs } from "../../../config/schedule/job.ts";
import { type ConfigPath, Problems } from "../../../config/schema/problem.ts";
import { readShape } from "../../../config/schema/shape.ts";
import { SlipwayError } from "../../../core/error.ts";
import { read } from "./fixture.ts";

/** What is refused of it, a line each, with one space after the place. */
function refusals(work: (place: ConfigPath) => unknown): string[] {
  const problems = new Problems();
  work(problems.at("x"));
  if (problems.none) return [];
  const error = problems.error("file", []);
  if (!(error instanceof SlipwayError)) throw error;
  return error.story.what
    .split("\n")
    .slice(1)
    .map((line) => line.trim().replace(/ {3,}/, " "));
}

const secrets = new Secrets({ own: { KEY: "k", SECRET: "s" } }, new Set(["secrets"]));
const SMALLEST = { schedule: "17 3 * * *", to: { directory: "/var/backups/shop/" } };
const backup = (input: Record<string, unknown>, place: ConfigPath) => {
  const shaped = readShape(BackupSection, input, place);
  return shaped === undefined ? undefined : resolveBackup(shaped, secrets, place);
};

describe("schedule", () => {
  it.each(["17 3 * * *", "*/15 * * * *", "@daily", "0 9 * * MON-FRI", "17\t3 *  * *", "0 0 29 2 *"])("takes %s", (schedule) => {
    expect(refusals((place) => resolveCron({ schedule }, place))).toEqual([]);
  });

  it.each([
    ["daily", "should be five fields (minute, hour, day, month, weekday) or @daily: '17 3 * * *'"],
    ["2030-01-01T00:00:00", "should be five fields (minute, hour, day, month, weekday) or @daily: '17 3 * * *'"],
    ["*/5 * * * * *", "should be five fields (minute, hour, day, month, weekday) or @daily: '17 3 * * *'"],
    ["17 3\n* * *", "should be five fields (minute, hour, day, month, weekday) or @daily: '17 3 * * *'"],
    ["0 0 30 2 *", "is a time that never comes"],
    ["0 0 0 * *", "0 is not a day of the month: 1 to 31"],
    ["0 0 1-32 * *", "32 is not a day of the month: 1 to 31"],
    ["0 0 * 13 *", "13 is not a month: 1 to 12"],
    ["61 * * * *", "61 is not a minute: 0 to 59"],
    ["0 1,24 * * *", "24 is not an hour: 0 to 23"],
    ["0 0 * * 8", "8 is not a weekday: 0 to 7"],
  ])("refuses %s", (schedule, because) => {
    expect(refusals((place) => resolveCron({ schedule }, place))).toEqual([`slipway:x.schedule ${because}`]);
  });

  it("explains an invalid pattern", () => {
    expect(refusals((place) => resolveCron({ schedule: "a * * * *" }, place))[0]).toMatch(/^slipway:x\.schedule is not valid: /);
  });

  it("refuses a time zone that does not exist, and knows those that do", () => {
    const [problem] = refusals((place) => resolveCron({ schedule: "@daily", timezone: "Europe/Atlantis" }, place));
    expect(problem).toBe("slipway:x.timezone is not a time zone: write Europe/Berlin, or UTC");
    expect(refusals((place) => resolveCron({ schedule: "@daily", timezone: "Europe/Berlin" }, place))).toEqual([]);
  });
});

describe("encrypt", () => {
  it("takes what age itself makes", async () => {
    const identity = await generateX25519Identity();
    expect(faultOfAgeKey(await identityToRecipient(identity))).toBeUndefined();
  });

  it("refuses a private key without showing it", async () => {
    const identity = await generateX25519Identity();
    const [problem = ""] = refusals((place) => backup({ ...SMALLEST, encrypt: identity }, place));
    expect(problem).toContain("is a private key, which does not belong here");
    expect(problem).not.toContain(identity);
  });

  it("finds a wrong letter", async () => {
    const key = await identityToRecipient(await generateX25519Identity());
    const last = key.at(-1) === "q" ? "p" : "q";
    expect(faultOfAgeKey(key.slice(0, -1) + last)).toContain("its checksum is wrong");
  });
});

describe("backup", () => {
  it("is complete with a schedule and a place", () => {
    const problems = new Problems();
    expect(backup(SMALLEST, problems.at("x"))).toEqual({
      cron: "17 3 * * *",
      timezone: "UTC",
      keep: 7,
      timeout: 21_600,
      encrypt: undefined,
      volumes: undefined,
      drill: undefined,
      to: { kind: "directory", path: "/var/backups/shop" },
    });
    expect(problems.none).toBe(true);
  });

  it("names the keys of a bucket, and keeps none of their values", () => {
    const s3 = {
      endpoint: "https://s3.example.com/",
      bucket: "acme",
      prefix: "/a/b/",
      access_key: ["KEY"],
      secret_key: ["SECRET"],
    };
    const problems = new Problems();
    expect(backup({ ...SMALLEST, to: { s3 } }, problems.at("x"))?.to).toEqual({
      kind: "s3",
      endpoint: "https://s3.example.com",
      region: "us-east-1",
      bucket: "acme",
      prefix: "a/b",
      accessKey: "KEY",
      secretKey: "SECRET",
    });
    expect(problems.none).toBe(true);
  });

  it("reports everything that is missing or wrong at once", () => {
    const s3 = { endpoint: "ftp://x", bucket: "A", prefix: "a b", access_key: ["NOPE"] };
    expect(refusals((place) => backup({ to: { s3 } }, place))).toEqual([
      "slipway:x.schedule is required",
      "slipway:x.to.s3.endpoint is not an http or https address",
      "slipway:x.to.s3.bucket is not a valid bucket name",
      "slipway:x.to.s3.prefix should contain only letters, digits, ., -, _ and /",
      "slipway:x.to.s3.access_key[0] NOPE is not set: pulumi config set --secret --path 'slipway:secrets.NOPE'",
      "slipway:x.to.s3.secret_key is required: [NAME] of a secret",
    ]);
  });

  it.each([
    [{}, "slipway:x.to is required: {directory: /var/backups/shop}, or {s3: …}"],
    [{ to: {} }, "slipway:x.to set either directory or s3"],
    [{ to: { directory: "backups" } }, 'slipway:x.to.directory "backups" is not an absolute path without whitespace and colons'],
    [{ to: { directory: "/b" }, keep: 0 }, "slipway:x.keep should be at least 1"],
    [{ to: { directory: "/b" }, kep: 1 }, "slipway:x.kep unknown key; did you mean keep?"],
  ])("refuses %j", (input, problem) => {
    expect(refusals((place) => backup({ schedule: "@daily", ...input }, place))).toEqual([problem]);
  });
});

describe("jobs", () => {
  const { roles } = read({
    servers: { web: ["203.0.113.10", "203.0.113.11"], worker: { hosts: ["203.0.113.12"], proxy: false } },
  });
  const app = { service: "shop", image: "ghcr.io/acme/shop:1", builder: undefined, secrets: undefined };
  const jobs = (input: Record<string, unknown>, place: ConfigPath) => {
    const shaped = readShape(JobsSection, input, place);
    return shaped === undefined ? [] : resolveJobs(shaped, { roles, app }, place);
  };

  it("run on the first host of the primary role by default", () => {
    const problems = new Problems();
    const [first, second] = jobs(
      {
        sweep: { schedule: "@hourly", cmd: "bin/sweep --all 'two words'" },
        count: { schedule: "@daily", cmd: "bin/count", role: "worker" },
      },
      problems.at("x"),
    );
    expect(problems.none).toBe(true);
    expect(first).toMatchObject({ name: "count", host: "203.0.113.12", role: "worker" });
    expect(second).toEqual({
      name: "sweep",
      host: "203.0.113.10",
      role: "web",
      image: undefined,
      cron: "@hourly",
      timezone: "UTC",
      command: ["bin/sweep", "--all", "two words"],
      concurrency: "forbid",
      timeout: 3600,
    });
  });

  it.each([
    [{ cmd: "x" }, "slipway:x.a.schedule is required"],
    [{ schedule: "@daily" }, "slipway:x.a.cmd is required"],
    [
      { schedule: "@daily", cmd: "a | b" },
      "slipway:x.a.cmd it is not run by a shell, so | is not supported: write sh -c '…' around it",
    ],
    [{ schedule: "@daily", cmd: "a", role: "jobs" }, 'slipway:x.a.role unknown role "jobs"; available: web, worker'],
    [
      { schedule: "@daily", cmd: "a", on_host: "203.0.113.12" },
      'slipway:x.a.on_host the role web is not on "203.0.113.12"; it is on 203.0.113.10, 203.0.113.11',
    ],
    [{ schedule: "@daily", cmd: "a", concurrency: "replace" }, "slipway:x.a.concurrency should be forbid or allow"],
  ])("refuse %j", (job, problem) => {
    expect(refusals((place) => jobs({ a: job }, place))).toEqual([problem]);
  });
});
