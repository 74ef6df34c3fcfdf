import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PRESETS } from "../../../core/accessory/preset.ts";
import { Deadline } from "../../../core/deadline.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { mariadbImage } from "../../../lab/mariadb.ts";
import { postgresImage } from "../../../lab/postgres.ts";
import { redisImage, valkeyImage } from "../../../lab/redis.ts";
import { Accessory } from "../../support/accessory.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";

const PASSWORD = "s3cret-word";

let lab: Lab;
let host: LabHost;
beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
}, 900_000);

const sh = (script: string): Promise<string> => host.must(script).then((text) => text.trim());
/** On a busy machine the runtime may lose a process before its program begins: then it is asked again. */
const inside = (client: string): Promise<string> => {
  const ask = async () => {
    const { code, stdout, stderr } = await host.sh(`docker exec shop-db ${client}`);
    if (code === 126 && stderr.includes("OCI runtime exec failed")) return undefined;
    expect(code, `${client}: ${stderr}${stdout}`).toBe(0);
    return stdout.trim();
  };
  return Deadline.in(10).until(ask, () => new Error(`${client} could not be started in the container`));
};
const started = async () => (await host.docker.getContainer("shop-db").inspect()).State.StartedAt;

const sql = {
  fill: "CREATE TABLE rows_kept (n int); INSERT INTO rows_kept VALUES (1), (2), (3)",
  count: "SELECT count(*) FROM rows_kept",
};

/** One server each: images of the versions that replace each other, and how it is asked. Those under `refused` cannot read what `old` wrote. */
const SERVERS = [
  {
    preset: "postgres",
    healthCheck: "pg_isready",
    volume: "shop-db-var-lib-postgresql-data",
    env: { POSTGRES_USER: "app", POSTGRES_DB: "shop" },
    secret: "POSTGRES_PASSWORD",
    client: (text: string) => `psql -U app shop -Atc "${text}"`,
    ask: sql,
    images: () => ({
      old: postgresImage(lab.registry, { tag: "15.1", major: "15" }),
      minor: postgresImage(lab.registry, { tag: "15.2", major: "15" }),
      broken: postgresImage(lab.registry, { tag: "15.3", major: "15", state: "broken" }),
      newer: postgresImage(lab.registry, { tag: "17.1", major: "17" }),
    }),
    refused: {
      newer: {
        preset: "postgres",
        error: /is postgres 17\S*, and the data was written by postgres 15, which it cannot read; nothing was stopped/,
      },
    },
  },
  {
    preset: "mariadb",
    healthCheck: "mariadb-admin ping",
    volume: "shop-db-var-lib-mysql",
    env: { MARIADB_DATABASE: "shop" },
    secret: "MARIADB_ROOT_PASSWORD",
    client: (text: string) => `mariadb -uroot -p${PASSWORD} shop -N -B -e "${text}"`,
    ask: sql,
    images: () => ({
      old: mariadbImage(lab.registry, { tag: "10.1", major: "10" }),
      minor: mariadbImage(lab.registry, { tag: "10.2", major: "10" }),
      broken: mariadbImage(lab.registry, { tag: "10.3", major: "10", state: "broken" }),
      newer: mariadbImage(lab.registry, { tag: "11.1", major: "11" }),
    }),
    refused: {
      newer: {
        preset: "mariadb",
        error: /is mariadb 11\S*, and the data was written by mariadb 10\S*, which it cannot read; nothing was stopped/,
      },
    },
  },
  {
    preset: "redis",
    healthCheck: "redis-cli ping",
    volume: "shop-db-data",
    env: {},
    secret: "REDISCLI_AUTH",
    client: (text: string) => `redis-cli ${text}`,
    ask: { fill: "MSET a 1 b 2 c 3", count: "DBSIZE" },
    images: () => ({
      old: redisImage(lab.registry, { tag: "8.1" }),
      minor: redisImage(lab.registry, { tag: "8.2" }),
      broken: redisImage(lab.registry, { tag: "8.3", state: "broken" }),
      older: redisImage(lab.registry, { tag: "7.1", major: "7" }),
      other: valkeyImage(lab.registry, { tag: "8.1" }),
    }),
    refused: {
      older: {
        preset: "redis",
        error: /is redis 7\S*, and the data was written by redis 8\S*, which it is too old to read; nothing was stopped/,
      },
      other: {
        preset: "valkey",
        error: /is valkey 8\S*, and the data was written by redis 8\S*, which it cannot read; nothing was stopped/,
      },
    },
  },
  {
    preset: "valkey",
    healthCheck: "valkey-cli ping",
    volume: "shop-db-data",
    env: {},
    secret: "REDISCLI_AUTH",
    client: (text: string) => `valkey-cli ${text}`,
    ask: { fill: "MSET a 1 b 2 c 3", count: "DBSIZE" },
    images: () => ({
      old: valkeyImage(lab.registry, { tag: "8.1" }),
      minor: valkeyImage(lab.registry, { tag: "8.2" }),
      broken: valkeyImage(lab.registry, { tag: "8.3", state: "broken" }),
      // Debian has one version of Valkey.
      other: redisImage(lab.registry, { tag: "7.1", major: "7" }),
    }),
    refused: {
      other: {
        preset: "redis",
        error: /is redis 7\S*, and the data was written by valkey 8\S*, which it cannot read; nothing was stopped/,
      },
    },
  },
] as const;

const isFrequent = ({ preset }: (typeof SERVERS)[number]) => preset === "postgres" || preset === "redis";
const TITLE = "$preset as an accessory";
describe.each(SERVERS.filter(isFrequent))(TITLE, serves);
describe.each(SERVERS.filter((server) => !isFrequent(server)))(TITLE, { tags: "long" }, serves);

function serves(server: (typeof SERVERS)[number]): void {
  const { preset, healthCheck, volume, env, secret, client, ask, images, refused } = server;
  let db: Accessory;
  const refs: Record<string, string> = {};
  const query = (text: string) => inside(client(text));

  beforeAll(async () => {
    for (const [name, image] of Object.entries(images())) refs[name] = (await image).ref;
    const { port, stopTimeout, ready } = PRESETS[preset];
    db = new Accessory(lab, host, {
      image: refs.old ?? "",
      preset,
      containerPort: port,
      stopTimeout,
      bootTimeout: 60,
      ready: { by: "command", command: [...ready], interval: 0.25, timeout: 5 },
      env,
      secretEnv: { [secret]: "PASSWORD" },
      secrets: { PASSWORD },
    });
  }, 900_000);
  afterAll(() => db?.[Symbol.asyncDispose]());

  it("is healthy when its data is initialized, and not before", async () => {
    const { statuses } = await db.done();
    expect(statuses.join("\n")).toContain(healthCheck);
    await query(ask.fill);
    expect(await query(ask.count)).toBe("3");
  });

  it("keeps its data over a minor version, with the gap that was planned", async () => {
    expect(await db.preview({ image: refs.minor ?? "" })).toContain(`gap about ${PRESETS[preset].gap} s`);
    const { said } = await db.done();
    expect(said[0]).toMatch(/replaced, gap \d/);
    expect(await query(ask.count)).toBe("3");
    expect(await sh("docker logs shop-db 2>&1")).not.toMatch(/was not properly shut down|crash recovery/i);
  });

  it("serves again when the new image is broken", async () => {
    const { error } = await db.refused({ image: refs.broken ?? "" });
    expect(error).toContain("shop-db-next");
    expect(await query(ask.count)).toBe("3");
  });

  it.each(Object.entries(refused))("is not stopped for a server that cannot read its data: %s", async (name, to) => {
    const before = await started();
    const { error } = await db.refused({ image: refs[name] ?? "", preset: to.preset });
    expect(error).toMatch(to.error);
    expect(error).toContain(to.preset === preset ? "slipway backup run db" : `${to.preset} does not read a backup of it either`);
    expect(await started()).toBe(before);
    expect(await query(ask.count)).toBe("3");
    expect(await sh("docker ps -a --format '{{.Names}}'")).toBe("shop-db");
    expect(await sh("docker volume ls -q")).toBe(volume);
  });
}
