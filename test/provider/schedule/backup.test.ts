import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { drill } from "../../../cli/backup/drill.ts";
import { listOf } from "../../../cli/backup/list.ts";
import { runNow } from "../../../cli/backup/run.ts";
import { endsWithUs } from "../../../cli/exec/ends-with-us.ts";
import { hostsAt } from "../../../cli/stack/access.ts";
import { postgresImage } from "../../../lab/postgres.ts";
import { startS3 } from "../../../lab/s3.ts";
import type { Backup } from "../../../providers/schedule/inputs.ts";
import { DatabaseHost, NEWEST } from "../../support/database-host.ts";
import { pulled } from "../../support/images.ts";
import { aBackup, PASSWORD, type Scheduled } from "../../support/scheduled.ts";

const DB = { DB: PASSWORD };

let at: DatabaseHost;
let scheduled: Scheduled;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-identity-"));
  at = await DatabaseHost.start();
}, 900_000);
afterAll(() => rm(home, { recursive: true }));

beforeEach(() => {
  // What a person would read.
  for (const way of ["info", "error"] as const) vi.spyOn(console, way).mockImplementation((line: string) => void said.push(line));
  said.length = 0;
});
const said: string[] = [];
const ran = (script: string) => at.run(script);

describe("a PostgreSQL that is written to all the time", () => {
  const sql = (question: string) => ran(`docker exec shop-db psql -U app -d shop -Atc "${question}"`);
  const count = async () => Number(await sql("SELECT count(*) FROM orders"));
  let writer: Promise<unknown>;

  beforeAll(async () => {
    const image = await at.pulled(postgresImage(at.lab.registry, { tag: "17.1" }));
    scheduled = at.scheduled();
    await ran(
      `docker run -d --network kamal --name shop-db -v shop-db-data:/var/lib/postgresql/data -e 'POSTGRES_PASSWORD=${PASSWORD}' -e POSTGRES_USER=app -e POSTGRES_DB=shop ${image}`,
    );
    await at.ready("shop-db", "postgres");
    await sql("CREATE TABLE orders (id serial PRIMARY KEY, at timestamptz DEFAULT now(), note text)");
    await sql("INSERT INTO orders (note) SELECT repeat(md5(n::text), 20) FROM generate_series(1, 20000) AS n");
    await scheduled.converge({ backups: { db: aBackup({}) }, secrets: DB });
  });
  afterAll(async () => {
    await ran("touch /tmp/stop");
    await writer;
    await scheduled.withdraw();
    await ran("docker rm -f -v shop-db; docker volume rm shop-db-data");
  });
  const backup = (change: Partial<Backup>) => scheduled.converge({ backups: { db: aBackup(change) } });

  it("has nothing to do a second time", async () => {
    expect(await scheduled.converge()).toEqual([]);
    const { found, plan, warned } = await scheduled.look();
    expect({ found, changes: plan.changes, warned }).toEqual({ found: "same", changes: false, warned: [] });
  });

  it("is backed up at its time by containers that reach nothing they do not need", async () => {
    await backup({ cron: "*/2 * * * * *" });
    await scheduled.until(async () => ((await at.files()).length > 0 ? true : undefined), "a backup");
    await backup({});
    const isIdle = async () => ((await ran("docker ps -q --filter name=shop-db-backup")) === "" ? true : undefined);
    await scheduled.until(isIdle, "the end of the last backup");
    const scheduler = await at.host.docker.getContainer("shop-schedule").inspect();
    expect(scheduler.HostConfig).toMatchObject({ NetworkMode: "none", CapDrop: ["ALL"] });
    expect(Object.keys(scheduler.NetworkSettings.Networks)).toEqual(["none"]);
    expect(JSON.stringify([scheduler.Config, await at.host.docker.getContainer("shop-db-backup").inspect()])).not.toContain(
      PASSWORD,
    );
    expect(await ran("stat -c '%a %U' /srv/shop/backups/shop-db/*.dump | sort -u")).toBe("600 root");
  });

  it("gets every row of the backup back after its table is gone, while others write and read", async () => {
    await ran("rm -f /tmp/stop");
    writer = at.host.sh(
      "until [ -e /tmp/stop ]; do docker exec shop-db psql -U app -d shop -qc \"INSERT INTO orders (note) VALUES ('while')\" >/dev/null 2>&1; done",
    );
    const before = await count();
    expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
    expect(said.at(-1)).toMatch(/^backed up db: \d{8}-\d{6}-\d{3}, [\d.]+ [kM]B in [\d.]+ s$/);
    const after = await count();
    await sql("DROP TABLE orders");
    expect(await scheduled.restore(scheduled.at("db"))).toBe(0);
    const restored = await count();
    expect(restored).toBeGreaterThanOrEqual(before);
    expect(await sql("SELECT count(DISTINCT id) = count(*), min(id) FROM orders WHERE note <> 'while'")).toBe("t|1");
    expect(after).toBeGreaterThanOrEqual(before);
    const [, aside = ""] = /is the database (\S+)$/.exec(said.at(-1) ?? "") ?? [];
    expect(aside).toMatch(/^shop_before_\d{8}_\d{6}$/);
    expect(await ran(`docker exec shop-db psql -U app -d ${aside} -Atc "SELECT to_regclass('orders') IS NULL"`)).toBe("t");
    expect(await at.leftovers()).toBe("");
    await ran("touch /tmp/stop");
    await writer;
  });

  it("leaves no database running when the drill is killed", async () => {
    const hosts = hostsAt(scheduled.access);
    const host = hosts.at(scheduled.inputs.host);
    const { docker } = host;
    const Image = (await ran("docker inspect -f '{{.Image}}' shop-db")).trim();
    const { id } = await docker.create("guarded", { Image, Env: ["POSTGRES_PASSWORD=x"], HostConfig: { NetworkMode: "none" } });
    try {
      await docker.start(id);
      await at.ready("guarded", "postgres");
      await endsWithUs(host, { kind: "container", container: "guarded", grace: 2 });
      // As when the process is gone.
      await hosts.close();
      const isOver = async () => ((await ran("docker ps --all --quiet --filter name=guarded")) === "" ? true : undefined);
      await scheduled.until(isOver, "the end of the database");
    } finally {
      await ran("docker rm -fv guarded");
      await hosts.close();
    }
  });

  it("is drilled: restored in a container of its own, queried, recorded and removed", async () => {
    await backup({ drill: "SELECT count(*) >= 20000 AS enough, max(id) FROM orders" });
    expect(await drill(scheduled.at("db"), scheduled.access, NEWEST)).toBe(0);
    expect(said.join("\n")).toMatch(/restored and asked in [\d.]+ s.*\n.*\n {2}t\|\d+/);
    const [newest] = await listOf(scheduled.at("db"), scheduled.access);
    expect(newest).toMatchObject({ drilled: true, encrypted: false });
    const recorded = JSON.parse(await ran(`cat /srv/shop/backups/shop-db/${newest?.id}.drill.json`));
    expect(recorded).toMatchObject({ id: newest?.id, bytes: newest?.bytes });
    expect(recorded.rows[0]).toMatch(/^t\|\d+$/);
    expect(await at.leftovers()).toBe("");
  });

  it("cannot be read without the private key, which is nowhere on the host", { tags: "long" }, async () => {
    const identity = await generateX25519Identity();
    const file = join(home, "key.txt");
    await writeFile(file, `# made by a test\n${identity}\n`, { mode: 0o600 });
    await sql("CREATE TABLE IF NOT EXISTS marks AS SELECT 'a-mark-that-is-looked-for' AS mark");
    await backup({ encrypt: await identityToRecipient(identity) });
    expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
    const [newest] = await listOf(scheduled.at("db"), scheduled.access);
    expect(newest?.encrypted).toBe(true);
    expect((await ran(`head -c 21 /srv/shop/backups/shop-db/${newest?.id}.dump.age`)).trim()).toBe("age-encryption.org/v1");
    await expect(scheduled.restore(scheduled.at("db"))).rejects.toThrow(/is encrypted[\s\S]*--identity/);
    const other = join(home, "other.txt");
    await writeFile(other, await generateX25519Identity(), { mode: 0o600 });
    await expect(drill(scheduled.at("db"), scheduled.access, { ...NEWEST, identity: other })).rejects.toThrow(/was not opened/);
    expect(await drill(scheduled.at("db"), scheduled.access, { ...NEWEST, identity: file })).toBe(0);
    expect(await ran(`cat /srv/shop/backups/shop-db/${newest?.id}.drill.json`)).toMatch(
      /^\{"id":[^{}]*"lines":1,"sealed":[^{}]*\}$/,
    );
    expect(await scheduled.restore(scheduled.at("db"), { identity: file })).toBe(0);
    expect(await sql("SELECT mark FROM marks")).toBe("a-mark-that-is-looked-for");
    expect(await ran("grep -rl AGE-SECRET-KEY /srv /var/lib/docker/containers /root 2>/dev/null || true")).toBe("");
  });

  it("goes to a bucket and comes back from it", { tags: "long" }, async () => {
    const s3 = await startS3();
    await s3.clear();
    const { endpoint, region, bucket } = s3;
    const to = {
      kind: "s3",
      endpoint,
      region,
      bucket,
      prefix: "shop",
      accessKey: "KEY",
      secretKey: "SECRET",
      fingerprint: "f",
    } as const;
    await scheduled.converge({ backups: { db: aBackup({ to }) }, secrets: { ...DB, KEY: s3.accessKey, SECRET: s3.secretKey } });
    await sql("CREATE TABLE large AS SELECT md5(n::text) || md5((n + 1)::text) AS noise FROM generate_series(1, 500000) AS n");
    expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
    const [stored] = await s3.objects();
    expect(stored?.bytes, "it takes more than one part").toBeGreaterThan(8 * 1024 * 1024);
    expect(stored?.key).toMatch(/^shop\/shop-db\/\d{8}-\d{6}-\d{3}\.dump$/);
    expect(await s3.unfinished()).toBe(0);
    expect(await listOf(scheduled.at("db"), scheduled.access)).toHaveLength(1);
    const rows = await count();
    await sql("DELETE FROM orders; DROP TABLE large");
    expect(await scheduled.restore(scheduled.at("db"))).toBe(0);
    expect(await count()).toBe(rows);
    expect(await sql("SELECT count(*) FROM large")).toBe("500000");
    const inspected = JSON.stringify(await at.host.docker.getContainer("shop-db-backup").inspect());
    expect(inspected).not.toContain(s3.secretKey);
  });

  it("is not backed up with a wrong password, which the next preview says", async () => {
    await scheduled.converge({ backups: { db: aBackup({ secretsFingerprint: "other" }) }, secrets: { DB: "a wrong one" } });
    const before = await at.files();
    await expect(runNow(scheduled.at("db"), scheduled.access)).rejects.toThrow(
      /the dump ended with code 1[\s\S]*password authentication failed/,
    );
    expect(await at.files()).toEqual(before);
    const { warned } = await scheduled.look();
    expect(warned.join()).toMatch(
      /the last backup of db failed at .*: the dump ended with code 1; try it now: slipway backup run db/,
    );
    await scheduled.converge({ backups: { db: aBackup({}) }, secrets: DB });
  });

  it("stays as it is when a backup is cut short on its way back", { tags: "long" }, async () => {
    expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
    const [newest] = await listOf(scheduled.at("db"), scheduled.access);
    const rows = await count();
    await ran(`truncate -s ${Math.floor((newest?.bytes ?? 0) / 2)} /srv/shop/backups/shop-db/${newest?.id}.dump`);
    const back = () => scheduled.restore(scheduled.at("db"));
    await expect(back()).rejects.toThrow(/is not what \S+ has stored[\s\S]*stored: .* bytes\)[\s\S]*is now: .* bytes/);
    await at.forgetRecords("shop-db");
    await expect(back()).rejects.toThrow(/was not restored/);
    expect(await count()).toBe(rows);
    expect(
      await ran(
        "docker exec shop-db psql -U app -d postgres -Atc \"SELECT count(*) FROM pg_database WHERE datname LIKE 'shop_restore%'\"",
      ),
    ).toBe("0");
  });

  it("is not restored from what another has put in the place of a backup, and asked about one of unknown origin", async () => {
    expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
    const [newest] = await listOf(scheduled.at("db"), scheduled.access);
    const file = `/srv/shop/backups/shop-db/${newest?.id}.dump`;
    expect(newest).toMatchObject({ origin: "recorded", sha256: (await ran(`sha256sum ${file}`)).split(" ")[0] });
    const other = "/srv/shop/backups/shop-db/20990101-000000-000.dump";
    await ran(`cp ${file} ${other}`);
    // Of the same size.
    await ran(`printf x | dd of=${file} bs=1 seek=4000 conv=notrunc status=none`);
    const refused = new RegExp(`is not what \\S+ has stored[\\s\\S]*SHA-256 ${newest?.sha256}[\\s\\S]*SHA-256 [0-9a-f]{64}`);
    const id = newest?.id;
    await expect(scheduled.restore(scheduled.at("db"), { id })).rejects.toThrow(refused);
    await expect(drill(scheduled.at("db"), scheduled.access, { ...NEWEST, id })).rejects.toThrow(refused);
    const [copied] = await listOf(scheduled.at("db"), scheduled.access);
    expect(copied).toMatchObject({ origin: "unknown", sha256: null });
    said.length = 0;
    expect(await scheduled.restore(scheduled.at("db"))).toBe(0);
    expect(said.join("\n")).toMatch(/the origin of 20990101-000000-000 is unknown: \S+ has no record of having stored it/);
    await ran(`rm ${other}`);
  });

  it("keeps its backups when the schedule goes", async () => {
    const kept = await at.files();
    expect(await scheduled.withdraw()).toEqual([`${at.host.name}: backups are kept in /srv/shop/backups/shop-db`]);
    expect(await at.files()).toEqual(kept);
    expect(await ran("docker ps -a --format '{{.Names}}'")).toBe("shop-db");
    await scheduled.converge();
  });
});

describe("files in a volume", () => {
  const backup = (): Backup => {
    const {
      preset: _preset,
      port: _port,
      ...rest
    } = aBackup({ container: "shop-files", folder: "shop-files", env: {}, secretEnv: {} });
    return { ...rest, secretsFingerprint: "" };
  };

  beforeAll(async () => {
    await pulled(at.lab, at.host, at.node);
    scheduled = at.scheduled();
    await ran(
      `docker run -d --stop-signal SIGKILL --network kamal --name shop-files -v shop-files-data:/srv/data ${at.node} sleep 100000`,
    );
    await ran(
      "docker exec shop-files sh -c 'echo one >/srv/data/one; mkdir /srv/data/d; echo two >/srv/data/d/two; chown 1000:1000 /srv/data/d/two; chmod 640 /srv/data/d/two'",
    );
    await scheduled.converge({ backups: { files: backup() } });
  });
  afterAll(async () => {
    await scheduled.withdraw();
    await ran("docker rm -f -v shop-files; docker volume ls -q | grep ^shop-files | xargs docker volume rm");
  });

  it("are there again with owners and modes, and what came after is aside", async () => {
    expect(await runNow(scheduled.at("files"), scheduled.access)).toBe(0);
    await ran("docker exec shop-files sh -c 'rm -r /srv/data/d /srv/data/one; echo three >/srv/data/three'");
    expect(await scheduled.restore(scheduled.at("files"))).toBe(0);
    expect(await ran("docker exec shop-files sh -c 'cd /srv/data; ls; cat one d/two; stat -c \"%a %u\" d/two'")).toBe(
      "d\none\none\ntwo\n640 1000",
    );
    const [, aside] = /what was there before is in (\S+)$/.exec(said.at(-1) ?? "") ?? [];
    expect(await ran(`docker run --rm -v ${aside}:/aside ${at.node} ls /aside`)).toBe("three");
  });

  it("are drilled", async () => {
    expect(await drill(scheduled.at("files"), scheduled.access, NEWEST)).toBe(0);
    expect(said.join("\n")).toContain("du -a . | wc -l\n  5");
  });
});
