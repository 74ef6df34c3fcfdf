import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { AccessoryReport } from "../../../../cli/accessory/report.ts";
import type { ContainerReport, HostReport, StatusReport } from "../../../../cli/status/report.ts";
import type { ScheduledReport } from "../../../../cli/status/scheduled.ts";
import { screenOf } from "../../../../cli/status/screen.ts";
import { bytes, duration, moment } from "../../../../cli/terminal/format.ts";

const NOW = new Date("2026-01-31T12:00:00Z");

const aContainer = (over: Partial<ContainerReport> = {}): ContainerReport => ({
  role: "web",
  replica: 1,
  container: "shop-web-1.4.2-ab12cd34",
  release: "1.4.2-ab12cd34",
  wanted: "1.4.2-ab12cd34",
  state: "serving",
  health: null,
  since: "2026-01-31T09:46:00Z",
  restarts: 0,
  memory_bytes: null,
  memory_limit_bytes: null,
  ...over,
});

const anAccessory = (over: Partial<AccessoryReport> = {}): AccessoryReport => ({
  accessory: "db",
  container: "shop-db-production",
  image: "postgres:16.4",
  digest: "sha256:04bd",
  state: "running",
  health: null,
  since: "2026-01-28T12:00:00Z",
  drift: null,
  ...over,
});

const aBackup = (over: Partial<ScheduledReport> = {}): ScheduledReport => ({
  kind: "backup",
  name: "db",
  schedule: "17 3 * * *",
  timezone: "UTC",
  running: false,
  last: null,
  next: null,
  overdue_seconds: null,
  ...over,
});

const aHost = (host: string, over: Partial<HostReport> = {}): HostReport => ({
  host,
  address: "203.0.113.10",
  unreachable: null,
  containers: [aContainer()],
  accessories: [],
  scheduled: [],
  change: null,
  proxy: "running",
  routes: [{ role: "web", state: "serving", message: null, canary: null }],
  certificates: [],
  leftovers: [],
  finishing: [],
  retired: [],
  lease: null,
  freeze: null,
  disk: { path: "/var/lib/docker", free_bytes: 4.1e9, used_percent: 71 },
  ...over,
});

const aReport = (hosts: readonly HostReport[], over: Partial<StatusReport> = {}): StatusReport => ({
  schema: 1,
  stack: "production",
  service: "shop",
  destination: "production",
  verdict: "as declared",
  release: {
    id: "1.4.2-ab12cd34",
    version: "1.4.2",
    declared_at: "2026-01-31T09:45:00Z",
    image: "ghcr.io/acme/shop@sha256:9f31ab12cd34ef569f31ab12cd34ef569f31ab12cd34ef569f31ab12cd34ef56",
  },
  urls: ["https://shop.example"],
  serves: "1.4.2-ab12cd34 on web-1",
  hosts,
  rollbacks: [],
  ...over,
});

const shown = (report: StatusReport): string[] => stripVTControlCharacters(screenOf(report, NOW)).split("\n");

describe("the status screen", () => {
  it("says the release, what serves and each host in one line", () => {
    expect(shown(aReport([aHost("web-1")]))).toEqual([
      "shop / production   release 1.4.2-ab12cd34   shop@sha256:9f31ab12…   declared 2 h 15 min ago   ✔ all as declared",
      "url      https://shop.example",
      "serves   1.4.2-ab12cd34 on web-1",
      "",
      "host   role  container                state    since",
      "web-1  web   shop-web-1.4.2-ab12cd34  serving  2 h 14 min",
      "",
      "rollback no earlier release is kept on the hosts",
      "lease    free",
      "disk     web-1 71 % (4.1 GB free)",
      "",
    ]);
  });

  it("says what containers use of their memory, and how often Docker has started them again", () => {
    const used = { memory_bytes: 182e6, memory_limit_bytes: 268_435_456 };
    const [heading, first, second] = shown(
      aReport([
        aHost("web-1", { containers: [aContainer({ ...used, restarts: 3 })] }),
        aHost("web-2", { containers: [aContainer({ memory_bytes: 91e6 })] }),
      ]),
    ).slice(4);
    expect(heading).toMatch(/since +memory +restarts$/);
    expect(first).toMatch(/2 h 14 min +182 MB of 268 MB +3$/);
    expect(second).toMatch(/2 h 14 min +91\.0 MB$/);
  });

  it("stays one screen for ten hosts", () => {
    const hosts = Array.from({ length: 10 }, (_, at) => aHost(`web-${at + 1}`));
    expect(shown(aReport(hosts)).length).toBeLessThanOrEqual(24);
  });

  it.each<[string, Partial<HostReport>, string | RegExp]>([
    ["unreachable", { unreachable: "connection refused", containers: [] }, /unreachable +connection refused$/],
    [
      "behind",
      { containers: [aContainer({ release: "1.4.1-77aa01ef" })], change: "start …" },
      "◀ behind: 1.4.1-77aa01ef, not 1.4.2-ab12cd34",
    ],
    ["drifted", { change: "found missing (drift)" }, "◀ drifted"],
    ["serving what is not declared", { containers: [aContainer({ wanted: null })] }, "◀ not declared"],
    [
      "stopped by a person, which is no drift",
      {
        containers: [aContainer({ state: "stopped by slipway stop", since: null })],
        change: "found stopped by slipway stop · start …",
      },
      /stopped by slipway stop$/,
    ],
    ["in maintenance", { routes: [{ role: "web", state: "maintenance", message: "back soon", canary: null }] }, "maintenance"],
  ])("marks a host that is %s", (_what, over, mark) => {
    expect(shown(aReport([aHost("web-1"), aHost("web-2", over)])).find((line) => line.startsWith("web-2"))).toMatch(mark);
  });

  it("shows accessories below, on hosts of the app and on hosts of their own", () => {
    const cache = anAccessory({ accessory: "cache", container: "shop-cache-production", image: "valkey:8", health: "healthy" });
    const beside = { containers: [], routes: [], proxy: null, accessories: [anAccessory()] };
    const lines = shown(aReport([aHost("web-1", { accessories: [cache] }), aHost("db-1", beside)]));
    const at = lines.findIndex((line) => line.startsWith("accessory"));
    expect(lines.slice(at - 2, at + 4)).toEqual([
      "web-1  web   shop-web-1.4.2-ab12cd34  serving  2 h 14 min",
      "",
      "accessory  host   container              image          state    health   since",
      "cache      web-1  shop-cache-production  valkey:8       running  healthy  3 d",
      "db         db-1   shop-db-production     postgres:16.4  running           3 d",
      "",
    ]);
  });

  it.each<[string, Partial<AccessoryReport>, RegExp]>([
    ["stopped", { state: "stopped with code 0", drift: "stopped with code 0" }, /stopped with code 0 +3 d +◀ drifted$/],
    ["missing", { state: "missing", drift: "missing", container: null, since: null }, /db-1 +– .*missing +◀ drifted$/],
    [
      "made from another declaration",
      { drift: "created as 11aa22bb, declared as ab12cd34" },
      /◀ created as 11aa22bb, declared as ab12cd34$/,
    ],
    ["not to be asked", { state: "unknown", container: null, since: null }, /postgres:16\.4 +unknown$/],
  ])("marks an accessory that is %s", (_what, over, mark) => {
    const hosts = [aHost("web-1"), aHost("db-1", { containers: [], accessories: [anAccessory(over)] })];
    expect(shown(aReport(hosts)).find((line) => line.startsWith("db "))).toMatch(mark);
  });

  it("shows backups and jobs, how they went and when they come again", () => {
    const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
    const backup = aBackup({
      last: { at: ago(3), seconds: 2, ok: true, bytes: 12_300_000, sha256: null, why: null },
      next: ago(-21),
    });
    const failed = aBackup({
      name: "cache",
      last: { at: ago(30), seconds: 1, ok: false, bytes: null, sha256: null, why: "no space left" },
    });
    const job = aBackup({ kind: "job", name: "expire", schedule: "*/15 * * * *", running: true, next: ago(-0.25) });
    const lines = shown(aReport([aHost("web-1", { scheduled: [backup, failed, job] })]));
    const at = lines.findIndex((line) => line.startsWith("scheduled"));
    expect(lines.slice(at, at + 4)).toEqual([
      "scheduled     host   at            last                        next",
      "backup db     web-1  17 3 * * *    3 h ago   ✔ 12.3 MB in 2 s  in 21 h",
      "backup cache  web-1  17 3 * * *    1 d ago   ✘ no space left   never: its scheduler is not running",
      "job expire    web-1  */15 * * * *  runs now                    in 15 min",
    ]);
  });

  it("says what an update would do, who holds a lease, what a canary gets, what is left over and what finishes", () => {
    const host = aHost("web-1", {
      change: "found stopped (drift) · start shop-web-1.4.2-ab12cd34",
      lease: { owner: "ci@build-7", held_seconds: 35 },
      freeze: { by: "ann@laptop", why: "billing moves", since_seconds: 60, left_seconds: 3_600 },
      leftovers: ["shop-web-0.9"],
      finishing: [
        { role: "worker", container: "shop-worker-1.4.1.finishing-until-20260131T123000Z", until: "2026-01-31T12:30:00.000Z" },
      ],
      routes: [{ role: "web", state: "serving", message: null, canary: { percent: 10, allow: [] } }],
    });
    const rollbacks = [{ role: "web", release: "1.4.1-77aa01ef", hosts: ["web-1"], everywhere: true }];
    const lines = shown(aReport([host], { verdict: "not as declared", rollbacks }));
    expect(lines).toEqual(
      expect.arrayContaining([
        "  web-1  found stopped (drift) · start shop-web-1.4.2-ab12cd34",
        "canary   web-1/web: 10 % of visitors",
        "leftover web-1: shop-web-0.9",
        "finishing web-1: shop-worker-1.4.1, until 2026-01-31T12:30:00.000Z by its clock at the latest",
        "rollback without a pull to 1.4.1-77aa01ef (web, all hosts)",
        "lease    held: web-1 by ci@build-7 for 35 s",
        expect.stringMatching(/^frozen {3}web-1 by ann@laptop since \S+ \S+, for 1 h more, until \S+ \S+: billing moves$/),
      ]),
    );
  });
});

describe("words for numbers", () => {
  it.each([
    [0, "0 s"],
    [59.9, "59 s"],
    [60, "1 min"],
    [3_600, "1 h"],
    [8_040, "2 h 14 min"],
    [200_000, "2 d"],
  ])("%i seconds are %s", (seconds, words) => expect(duration(seconds)).toBe(words));

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [4_100_000_000, "4.1 GB"],
    [120_000_000_000, "120 GB"],
  ])("%i bytes are %s", (size, words) => expect(bytes(size)).toBe(words));

  it.each([
    ["10m", "2026-01-31T11:50:00.000Z"],
    ["90s", "2026-01-31T11:58:30.000Z"],
    ["2d", "2026-01-29T12:00:00.000Z"],
    ["2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00.000Z"],
    ["yesterday", undefined],
    ["10", undefined],
    ["2026-13-01", undefined],
  ])("the moment %s is %s", (text, at) => expect(moment(text, NOW)).toBe(at));
});
