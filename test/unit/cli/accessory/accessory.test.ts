import { describe, expect, it } from "vitest";
import { choosePlace, choosePlaces } from "../../../../cli/accessory/choose.ts";
import { type AccessoryDetails, detailsText } from "../../../../cli/accessory/details.ts";
import { consoleOf } from "../../../../cli/accessory/exec.ts";
import { parseDu } from "../../../../cli/accessory/mount-size.ts";
import { reportAccessory } from "../../../../cli/accessory/report.ts";
import { accessoriesIn, type DeclaredAccessory, type Found, type FoundContainer } from "../../../../cli/stack/accessories.ts";
import { parseCheckpoint } from "../../../../cli/stack/checkpoint.ts";
import { urlOf } from "../../../../cli/tunnel/url.ts";
import { SlipwayError } from "../../../../core/error.ts";

const NOW = new Date("2026-01-31T12:00:00Z");
const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };

const aPlace = (over: Partial<DeclaredAccessory> = {}): DeclaredAccessory => ({
  host: { name: "db-1", address: "203.0.113.20", port: 22, user: "deploy" },
  stack: "acme/shop/production",
  accessory: "db",
  container: "shop-db-production",
  image: "postgres:16.4",
  digest: "sha256:04bd",
  spec: "ab12cd34",
  preset: "postgres",
  containerPort: 5432,
  publish: [],
  stopTimeout: 60,
  bootTimeout: 60,
  env: { POSTGRES_USER: "app", POSTGRES_DB: "shop" },
  secretEnv: { POSTGRES_PASSWORD: "POSTGRES_PASSWORD" },
  ready: { by: "command", command: ["pg_isready"], interval: 1, timeout: 5 },
  ...over,
});
const on = (name: string): DeclaredAccessory => aPlace({ host: { ...aPlace().host, name } });

const aContainer = (over: Partial<FoundContainer> = {}): FoundContainer => ({
  of: "ours",
  id: "c0ffee",
  name: "shop-db-production",
  image: "postgres@sha256:04bd",
  imageId: "sha256:1",
  env: [],
  labels: { "slipway.accessory": "db", "slipway.spec": "ab12cd34", "slipway.image": "postgres:16.4" },
  state: {
    status: "running",
    running: true,
    exitCode: 0,
    oomKilled: false,
    error: "",
    pid: 812,
    healthOutput: "",
    startedAt: "2026-01-28T12:00:00Z",
    finishedAt: "0001-01-01T00:00:00Z",
  },
  restartPolicy: { name: "unless-stopped", maximumRetryCount: 0 },
  addresses: { kamal: "172.18.0.5" },
  ports: [],
  nanoCpus: 0,
  command: [],
  process: [],
  user: "",
  restarts: 0,
  mounts: [],
  networkMode: "kamal",
  logConfig: { type: "", options: {} },
  memoryLimit: 0,
  ...over,
});

const ended = (exitCode: number): FoundContainer["state"] => ({
  ...aContainer().state,
  status: "exited",
  running: false,
  exitCode,
  finishedAt: "2026-01-31T11:00:00Z",
});

function failure(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown.message;
    throw thrown;
  }
  throw new Error("it was not refused");
}

describe("the accessories of a state", () => {
  const exported = (...outputs: readonly object[]): string => {
    const type = "pulumi-nodejs:dynamic/slipway:Accessory";
    const resources = outputs.map((one, at) => ({ urn: `urn:pulumi:production::shop::${type}::db-${at}`, type, outputs: one }));
    return JSON.stringify({ version: 3, deployment: { resources } });
  };

  it("are read by name and host, without a release and without the values of secrets", () => {
    const [second, first] = [on("db-2"), on("db-1")].map((place) => ({
      ...place,
      secrets: SEALED,
      found: { kind: "unreachable" },
    }));
    expect(accessoriesIn(parseCheckpoint(exported(second ?? {}, first ?? {})))).toEqual([on("db-1"), on("db-2")]);
  });

  it("of another version of Slipway are refused, with what differs", () => {
    const { container: _container, ...other } = aPlace();
    expect(failure(() => accessoriesIn(parseCheckpoint(exported(other))))).toMatch(/accessory db-0 .*\n {2}\| container: /);
  });
});

describe("the accessory that a person names", () => {
  const all = [aPlace({ accessory: "cache" }), on("db-1"), on("db-2")];

  it("is on all of its hosts, or on those that are named", () => {
    expect(choosePlaces(all, "db", undefined)).toEqual([on("db-1"), on("db-2")]);
    expect(choosePlaces(all, "db", ["db-2"])).toEqual([on("db-2")]);
    expect(choosePlace(all, "db", "db-2")).toEqual(on("db-2"));
    expect(choosePlace(all, "cache", undefined).accessory).toBe("cache");
  });

  it("is named by its container where an app's accessory and one without an app have one name", () => {
    const [ofApp, alone] = [on("db-1"), aPlace({ container: "db-production" })];
    expect(choosePlace([ofApp, alone], "db-production", undefined)).toBe(alone);
    expect(choosePlaces([ofApp, alone], "shop-db-production", undefined)).toEqual([ofApp]);
    const message = failure(() => choosePlace([ofApp, alone], "db", "db-1"));
    for (const text of ["this stack has 2 accessories db", "containers: shop-db-production, db-production", "name its container"])
      expect(message).toContain(text);
  });

  it.each<[string, () => unknown, readonly string[]]>([
    ["unknown", () => choosePlaces(all, "bd", undefined), ["no accessory bd", "accessories: cache, db"]],
    ["not on that host", () => choosePlaces(all, "db", ["web-1"]), ["no host web-1 of the accessory db", "hosts: db-1, db-2"]],
    ["on several hosts", () => choosePlace(all, "db", undefined), ["on 2 hosts", "hosts: db-1, db-2", "--host db-1"]],
    ["of a stack without any", () => choosePlaces([], "db", undefined), ["no accessory", "slipway:accessories"]],
  ])("is refused when it is %s", (_what, choose, printed) => {
    const message = failure(choose);
    for (const text of printed) expect(message).toContain(text);
  });
});

describe("what is found of an accessory", () => {
  it("is as declared when it runs with the declared spec and image", () => {
    expect(reportAccessory(aPlace(), { main: aContainer(), next: undefined })).toEqual({
      accessory: "db",
      container: "shop-db-production",
      image: "postgres:16.4",
      digest: "sha256:04bd",
      state: "running",
      health: null,
      since: "2026-01-28T12:00:00Z",
      drift: null,
    });
  });

  it.each<[string, Found | undefined, { state: string; drift: string | null }]>([
    ["missing", { main: undefined, next: undefined }, { state: "missing", drift: "missing" }],
    ["unknown", undefined, { state: "unknown", drift: null }],
    [
      "stopped",
      { main: aContainer({ state: ended(1) }), next: undefined },
      { state: "stopped with code 1", drift: "stopped with code 1" },
    ],
    [
      "made from another declaration",
      { main: aContainer({ labels: { ...aContainer().labels, "slipway.spec": "11aa22bb" } }), next: undefined },
      { state: "running", drift: "created as 11aa22bb, declared as ab12cd34" },
    ],
    [
      "of another image",
      { main: aContainer({ labels: { ...aContainer().labels, "slipway.image": "postgres:16.3" } }), next: undefined },
      { state: "running", drift: "image postgres:16.3, not postgres:16.4" },
    ],
    [
      "Kamal's",
      { main: aContainer({ of: "kamal", labels: { service: "shop-db-production" } }), next: undefined },
      { state: "running", drift: "created by Kamal, not replaced yet" },
    ],
    [
      "not Slipway's",
      { main: aContainer({ of: "other", labels: {} }), next: undefined },
      { state: "running", drift: "a container that is not Slipway's has the name shop-db-production" },
    ],
    [
      "being replaced",
      { main: aContainer(), next: aContainer({ name: "shop-db-production-next" }) },
      { state: "running", drift: "shop-db-production-next is running: a replacement is in progress or was interrupted" },
    ],
  ])("is reported when it is %s", (_what, found, printed) => expect(reportAccessory(aPlace(), found)).toMatchObject(printed));

  it("shows since when it is stopped, and no health", () => {
    const main = aContainer({ state: { ...ended(0), health: "unhealthy" } });
    expect(reportAccessory(aPlace(), { main, next: undefined })).toMatchObject({ since: "2026-01-31T11:00:00Z", health: null });
  });
});

describe("the details of an accessory", () => {
  const details = (over: Partial<AccessoryDetails> = {}): AccessoryDetails => ({
    ...reportAccessory(aPlace(), { main: aContainer(), next: undefined }),
    host: "db-1",
    unreachable: null,
    port: 5432,
    published: ["10.0.0.5:5432"],
    last_gap_seconds: 1.34,
    mounts: [
      { source: "shop-db-production-var-lib-postgresql-data", target: "/var/lib/postgresql/data", bytes: 4.1e9 },
      { source: "/srv/init", target: "/docker-entrypoint-initdb.d", bytes: null },
    ],
    env: { clear: ["POSTGRES_DB", "POSTGRES_USER"], secret: ["POSTGRES_PASSWORD"] },
    ...over,
  });

  it("say what it is and how it is doing, and no value of its environment", () => {
    expect(detailsText(details(), NOW).split("\n")).toEqual([
      "db on db-1   shop-db-production",
      "  image    postgres:16.4  sha256:04bd",
      "  state    running for 3 d",
      "  port     5432 inside its network, published at 10.0.0.5:5432",
      "  data     shop-db-production-var-lib-postgresql-data at /var/lib/postgresql/data  4.1 GB",
      "           /srv/init at /docker-entrypoint-initdb.d",
      "  env      POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD (secret)",
      "  last gap 1.3 s",
    ]);
  });

  it("say that its host cannot be asked", () => {
    const text = detailsText(details({ unreachable: "connection refused", state: "unknown", mounts: [] }), NOW);
    expect(text).toContain("  state    unreachable: connection refused\n");
  });

  it("take the sizes of its mounts from du, and nothing from its complaints", () => {
    expect(parseDu("40\t/data\n1024\t/var/lib/my data\ndu: cannot read directory\n")).toEqual({
      "/data": 40_960,
      "/var/lib/my data": 1_048_576,
    });
  });
});

describe("the console of an accessory", () => {
  it("is the preset's own client, with nothing of ours in its arguments", () => {
    const argv = consoleOf(aPlace());
    expect(argv.slice(0, 2)).toEqual(["sh", "-c"]);
    expect(argv.join(" ")).toContain("psql");
  });

  it("is refused without a preset, with what to do instead", () => {
    expect(failure(() => consoleOf(aPlace({ preset: undefined })))).toContain("slipway accessory exec -i db -- ");
  });
});

describe("the URL of a tunnel", () => {
  it.each<[string, Partial<DeclaredAccessory>, string]>([
    ["PostgreSQL", {}, "postgres://app@127.0.0.1:5433/shop"],
    ["PostgreSQL without names", { env: {} }, "postgres://postgres@127.0.0.1:5433/postgres"],
    ["PostgreSQL with a user alone", { env: { POSTGRES_USER: "a/b@c" } }, "postgres://a%2Fb%40c@127.0.0.1:5433/a%2Fb%40c"],
    [
      "PostgreSQL whose names are secret",
      { env: {}, secretEnv: { POSTGRES_USER: "U", POSTGRES_DB: "D" } },
      "postgres://127.0.0.1:5433",
    ],
    ["MySQL", { preset: "mysql", containerPort: 3306, env: { MYSQL_DATABASE: "shop" } }, "mysql://root@127.0.0.1:5433/shop"],
    ["MariaDB", { preset: "mariadb", containerPort: 3306, env: { MARIADB_USER: "app" } }, "mysql://app@127.0.0.1:5433"],
    ["Valkey", { preset: "valkey", containerPort: 6379 }, "redis://127.0.0.1:5433"],
    ["what has no preset", { preset: undefined, containerPort: 9000 }, "127.0.0.1:5433"],
  ])("of %s is ready to paste, without a password", (_what, over, url) => {
    const place = aPlace(over);
    expect(urlOf(place, 5433, place.containerPort ?? 0)).toBe(url);
  });

  it("is an address alone for another port of the container", () => {
    expect(urlOf(aPlace(), 8008, 8008)).toBe("127.0.0.1:8008");
  });
});
