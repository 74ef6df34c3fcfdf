import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { drill } from "../../../cli/backup/drill.ts";
import { listOf } from "../../../cli/backup/list.ts";
import { runNow } from "../../../cli/backup/run.ts";
import { mariadbImage } from "../../../lab/mariadb.ts";
import type { Backup } from "../../../providers/schedule/inputs.ts";
import { DatabaseHost, NEWEST } from "../../support/database-host.ts";
import { aBackup, PASSWORD, type Scheduled } from "../../support/scheduled.ts";

const ROWS = 1000;
const LOGIN = { root: `-uroot '-p${PASSWORD}'`, own: `-uapp '-p${PASSWORD}'` };

let at: DatabaseHost;
let image: string;
let scheduled: Scheduled;

beforeAll(async () => {
  at = await DatabaseHost.start();
  image = await at.pulled(mariadbImage(at.lab.registry, { tag: "11.8" }));
}, 900_000);

const said: string[] = [];
beforeEach(() => {
  for (const way of ["info", "error"] as const) vi.spyOn(console, way).mockImplementation((line: string) => void said.push(line));
  said.length = 0;
});
afterAll(() => vi.restoreAllMocks());

const root = { env: { MARIADB_DATABASE: "shop" }, secretEnv: { MARIADB_ROOT_PASSWORD: "DB" } };
const own = {
  env: { MARIADB_DATABASE: "shop", MARIADB_USER: "app", MARIADB_RANDOM_ROOT_PASSWORD: "1" },
  secretEnv: { MARIADB_PASSWORD: "DB" },
};
const all = { env: {}, secretEnv: { MARIADB_ROOT_PASSWORD: "DB" } };

const start = async (declared: Pick<Backup, "env" | "secretEnv">, login: string) => {
  const secrets = Object.keys(declared.secretEnv).map((name) => [name, PASSWORD]);
  const options = [...Object.entries(declared.env), ...secrets].map(([name, value]) => `-e '${name}=${value}'`).join(" ");
  await at.run(`docker run -d --network kamal --name shop-db -v shop-db-data:/var/lib/mysql ${options} ${image}`);
  await at.ready("shop-db", "mariadb");
  scheduled = at.scheduled();
  await sql(
    `CREATE DATABASE IF NOT EXISTS shop; USE shop; CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, note text); INSERT INTO orders (note) SELECT repeat(md5(seq), 20) FROM seq_1_to_${ROWS}`,
    login,
  );
  await backUpAs(declared);
};
const end = async () => {
  await scheduled.withdraw();
  await at.run("docker rm -f -v shop-db; docker volume rm shop-db-data; rm -rf /srv/shop/backups");
};

const sql = (question: string, login = LOGIN.root) => at.run(`docker exec shop-db mariadb ${login} -N -B -e "${question}"`);
const count = async (login?: string) => Number(await sql("SELECT count(*) FROM shop.orders WHERE note <> 'while'", login));
const backUpAs = (change: Partial<Backup>) =>
  scheduled.converge({ backups: { db: aBackup({ preset: "mariadb", port: 3306, ...change }) }, secrets: { DB: PASSWORD } });
const restored = (id?: string) => scheduled.restore(scheduled.at("db"), { id });
const newest = async () => (await listOf(scheduled.at("db"), scheduled.access))[0]?.id ?? "";

describe("a MariaDB", { tags: "long" }, () => {
  beforeAll(() => start(root, LOGIN.root));
  afterAll(end);

  it("gets every row back after its table is dropped, with clients that write during the backup", async () => {
    const stop = at.run(
      `docker exec shop-db sh -c 'until [ -e /tmp/stop ]; do echo "INSERT INTO shop.orders (note) VALUES (0x7768696c65);"; done | mariadb ${LOGIN.root.replaceAll("'", '"')}'`,
    );
    try {
      expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
    } finally {
      await at.run("docker exec shop-db touch /tmp/stop");
      await stop;
    }
    await sql("DROP TABLE shop.orders");
    expect(await restored(), said.join("\n")).toBe(0);
    expect(await count()).toBe(ROWS);
    expect(said.at(-1)).toMatch(/; what was there before is the backup \d{8}-\d{6}-\d{3}$/);
    expect(await at.leftovers()).toBe("");
  });

  it("keeps the backup that it is restored from, also where only one is kept", { tags: "long" }, async () => {
    await backUpAs({ ...root, keep: 1 });
    await runNow(scheduled.at("db"), scheduled.access);
    const id = await newest();
    await sql("DELETE FROM shop.orders WHERE id > 10");
    expect(await restored()).toBe(0);
    expect(await count()).toBe(ROWS);
    expect((await listOf(scheduled.at("db"), scheduled.access)).map((kept) => kept.id)).toContain(id);
  });

  it("gets its triggers back", async () => {
    const body = "BEGIN SET @a = 1; SET @b = 2; END";
    await sql(`CREATE TRIGGER shop.kept BEFORE INSERT ON shop.orders FOR EACH ROW ${body}`, `${LOGIN.root} --delimiter=//`);
    await runNow(scheduled.at("db"), scheduled.access);
    await sql("DROP TRIGGER shop.kept");
    expect(await restored()).toBe(0);
    expect(await sql("SHOW TRIGGERS FROM shop")).toContain("SET @b = 2");
    await sql("DROP TRIGGER shop.kept");
  });

  it("runs no command of a dump that begins with one", () => expectNothingRun("SELECT 1; \\! "));
  it.each(["\\! ", "system "])("runs no command of a dump that begins with %s", { tags: "long" }, expectNothingRun);

  async function expectNothingRun(how: string): Promise<void> {
    await backUpAs(root);
    await runNow(scheduled.at("db"), scheduled.access);
    const id = await newest();
    // What the server quotes of a line that it refuses has the quotes; what a shell has run has none.
    const lines = Buffer.from(`${how}echo ow""ned >&2\nBROKEN;\n`).toString("base64");
    await at.run(
      `cd /srv/shop/backups/shop-db; f=$(ls ${id}.*gz); (echo ${lines} | base64 -d; zcat $f) | gzip >/tmp/new; cp /tmp/new $f`,
    );
    await at.forgetRecords("shop-db");
    const errors = [
      await restored(id).then(() => "restored", String),
      await drill(scheduled.at("db"), scheduled.access, { ...NEWEST, id }).then(() => "drilled", String),
    ];
    for (const error of errors) {
      expect(error).toContain("ERROR");
      expect(error).not.toContain("owned");
    }
    expect(await at.leftovers()).toBe("");
  }

  it("has everything in the backup made before when the one to restore is cut short", { tags: "long" }, async () => {
    await backUpAs(root);
    await runNow(scheduled.at("db"), scheduled.access);
    await sql("INSERT INTO shop.orders (note) VALUES ('later')");
    await at.run(`f=$(ls /srv/shop/backups/shop-db/${await newest()}.*); truncate -s $(($(stat -c %s $f) / 2)) $f`);
    await at.forgetRecords("shop-db");
    const error = await restored().then(() => "", String);
    expect(error).toContain("was not restored");
    const [, before] = /what was there before is the backup (\S+)/.exec(error) ?? [];
    expect(await restored(before)).toBe(0);
    expect(await count()).toBe(ROWS + 1);
  });
});

describe.each([
  { which: "with root's password", declared: root, login: LOGIN.root, before: "there was no database before" },
  { which: "with a random password for root", declared: own, login: LOGIN.own, before: "there was no database before" },
  { which: "without MARIADB_DATABASE", declared: all, login: LOGIN.root, before: "what was there before is the backup" },
])("a MariaDB $which", { tags: "long" }, ({ declared, login, before }) => {
  beforeAll(() => start(declared, login));
  afterAll(end);

  it("gets its database back after all of it is dropped", async () => {
    await runNow(scheduled.at("db"), scheduled.access);
    await sql("DROP DATABASE shop", login);
    expect(await restored()).toBe(0);
    expect(await count(login)).toBe(ROWS);
    expect(said.at(-1)).toContain(before);
  });

  it("is drilled", async () => {
    await backUpAs({ ...declared, drill: "SELECT count(*) FROM shop.orders WHERE note <> 'while'" });
    await runNow(scheduled.at("db"), scheduled.access);
    expect(await drill(scheduled.at("db"), scheduled.access, NEWEST)).toBe(0);
    expect(said.join("\n")).toMatch(new RegExp(`\\n {2}${ROWS}$`));
    expect(await at.leftovers()).toBe("");
  });
});
