// @module-tag long
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runNow } from "../../../cli/backup/run.ts";
import { endEarlierRestore } from "../../../cli/stack/earlier-restore.ts";
import { Hosts, type Trace, traceTo } from "../../../hosts/index.ts";
import { postgresImage } from "../../../lab/postgres.ts";
import { redisImage } from "../../../lab/redis.ts";
import type { Relay } from "../../../lab/relay.ts";
import { Accessory } from "../../support/accessory.ts";
import { DatabaseHost } from "../../support/database-host.ts";
import { pulled } from "../../support/images.ts";
import { addressOf } from "../../support/provider-run.ts";
import { aBackup, PASSWORD, type Scheduled } from "../../support/scheduled.ts";
import { STRIDE } from "../../support/stride.ts";

/** What is called around each change of the host; none by default. */
const around: { own: Trace["around"] | undefined } = { own: undefined };

let at: DatabaseHost;
let relay: Relay;
let scheduled: Scheduled;
const said: string[] = [];

beforeAll(async () => {
  at = await DatabaseHost.start();
  relay = await at.host.relay();
}, 900_000);
afterAll(() => relay.close());

beforeEach(() => {
  for (const way of ["info", "error"] as const) vi.spyOn(console, way).mockImplementation((line: string) => void said.push(line));
  said.length = 0;
  around.own = undefined;
});

/** After two changes to make the container that swaps. */
const SWAP_BEGINS = 3;

/** As the commands read it, through the relay. */
const through = (name: string) => {
  const declared = scheduled.at(name);
  const { address, port } = relay;
  return { ...declared, inputs: { ...declared.inputs, host: { ...declared.inputs.host, address, port } } };
};
const restored = (name: string) => {
  const calm = traceTo(undefined).around;
  return scheduled.restore(through(name), {}, (change, run) => (around.own ?? calm)(change, run));
};

/**
 * A restore whose line is cut at its change number `nth`, from where it stops the server: just after it was done, and the restore dies with it; or
 * while it is on its way, and the restore goes on. @returns which change that was
 */
async function cutAt(nth: number, work: () => Promise<unknown>, then: "dies" | "goes on"): Promise<string | undefined> {
  let [seen, cut]: [number, string | undefined] = [0, undefined];
  said.length = 0;
  around.own = async (change, run) => {
    if (cut !== undefined && then === "dies") throw new Error("killed");
    if (said.some((text) => text.includes("stopping"))) seen += 1;
    if (seen !== nth || cut !== undefined) return run();
    cut = change.what;
    const forwarded = relay.forwarded();
    const answer = run();
    answer.catch(() => {});
    await (then === "dies" ? answer : forwarded);
    relay.cut();
    if (then === "dies") throw new Error("killed");
    return answer;
  };
  await work().then(
    () => {},
    (thrown: unknown) => void said.push(String(thrown)),
  );
  around.own = undefined;
  return cut;
}

describe("a Redis with a log of its changes", () => {
  const client = (command: string) => at.run(`docker exec shop-cache redis-cli ${command}`);
  const cache = aBackup({
    container: "shop-cache",
    folder: "shop-cache",
    preset: "redis",
    port: 6379,
    env: {},
    secretEnv: {},
    secretsFingerprint: "",
  });
  /** Never a part of one and a part of the other. */
  const whose = async () => {
    await at.ready("shop-cache", "redis");
    const [keys, later] = [await client("DBSIZE"), await client("EXISTS later")];
    const known = new Map([
      ["500 0", "the backup's"],
      ["1 1", "its own"],
    ]);
    return known.get(`${keys} ${later}`) ?? `${keys} keys`;
  };
  const untilOver = () =>
    scheduled.until(async () => ((await at.run("docker ps -q -f name=shop-cache-restore")) === "" ? true : undefined), "the end");

  beforeAll(async () => {
    const image = await at.pulled(redisImage(at.lab.registry, { tag: "8.0" }));
    await pulled(at.lab, at.host, at.node);
    scheduled = at.scheduled();
    await at.run(
      `docker run -d --network kamal --name shop-cache -v shop-cache-data:/data ${image} redis-server --appendonly yes`,
    );
    await at.ready("shop-cache", "redis");
    await at.run("docker exec shop-cache sh -c 'for n in $(seq 1 500); do echo SET key$n value$n; done | redis-cli >/dev/null'");
    await scheduled.converge({ backups: { cache } });
    expect(await runNow(scheduled.at("cache"), scheduled.access)).toBe(0);
  });
  afterAll(async () => {
    await scheduled.withdraw();
    await at.run("docker rm -f -v shop-cache; docker volume rm shop-cache-data; rm -rf /srv/shop/backups");
  });
  const change = async () => {
    await client("FLUSHALL");
    await client("SET later 1");
  };

  it("has one data or the other when a restore dies with its line, and the next restore ends well", {
    tags: "long",
    timeout: 300_000,
  }, async () => {
    let cuts = 0;
    for (let nth = 1; ; nth += STRIDE) {
      await change();
      const cut = await cutAt(nth, () => restored("cache"), "dies");
      if (cut === undefined) break;
      await untilOver();
      expect(await whose(), `cut at change ${nth}, ${cut}: ${said.join("\n")}`).toMatch(/^(?:the backup's|its own)$/);
      expect(await restored("cache"), said.join("\n")).toBe(0);
      expect(await whose(), `restored after a cut at change ${nth}, ${cut}: ${said.join("\n")}`).toBe("the backup's");
      expect(await at.run("docker ps -aq -f name=shop-cache-restore$")).toBe("");
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(0);
  });

  it("is restored by one command when its line is cut while it stops the server, and comes back", async () => {
    await change();
    let code: number | undefined;
    const command = async () => {
      code = await restored("cache");
    };
    const cut = await cutAt(SWAP_BEGINS, command, "goes on");
    expect({ cut, code }, said.join("\n")).toEqual({ cut: "start container", code: 0 });
    expect(said.join("\n")).toMatch(/the connection was lost.*; reconnecting[\s\S]*restored cache from/);
    expect(await whose()).toBe("the backup's");
  });
});

describe("a PostgreSQL", () => {
  const sql = (question: string) => at.run(`docker exec shop-db psql -U app -d shop -Atc "${question}"`);
  const DB = { DB: PASSWORD };

  beforeAll(async () => {
    const image = await at.pulled(postgresImage(at.lab.registry, { tag: "17.1" }));
    scheduled = at.scheduled();
    await at.run(
      `docker run -d --network kamal --name shop-db -v shop-db-data:/var/lib/postgresql/data -e 'POSTGRES_PASSWORD=${PASSWORD}' -e POSTGRES_USER=app -e POSTGRES_DB=shop ${image}`,
    );
    await at.ready("shop-db", "postgres");
    await sql("CREATE TABLE orders AS SELECT generate_series(1, 500) AS id");
    await scheduled.converge({ backups: { db: aBackup({}) }, secrets: DB });
    expect(await runNow(scheduled.at("db"), scheduled.access)).toBe(0);
  });
  afterAll(async () => {
    await scheduled.withdraw();
    await at.run("docker rm -f -v shop-db; docker volume rm shop-db-data; rm -rf /srv/shop/backups");
  });

  it.each([1, 3])(
    "is restored and open when the line is cut %i packets after its databases begin to swap names",
    async (packets) => {
      await sql("DROP TABLE IF EXISTS orders");
      const cut = async () => {
        for (let sent = 0; sent < packets; sent += 1) await relay.forwarded();
        relay.cut();
      };
      vi.spyOn(console, "error").mockImplementation((text: string) => {
        said.push(text);
        if (text.includes("swapping the databases' names")) void cut();
      });
      expect(await restored("db"), said.join("\n")).toBe(0);
      expect(said.join("\n")).toMatch(
        /the connection was lost.*; reconnecting[\s\S]*what was there before is the database shop_before_/,
      );
      expect(await sql("SELECT count(*) FROM orders")).toBe("500");
      const closed = "SELECT count(*) FROM pg_database WHERE NOT datallowconn AND datname <> 'template0'";
      expect(await sql(closed)).toBe("0");
      expect(await sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'shop_restore_%'")).toBe("0");
    },
  );
});

describe("while a restore goes on that lost its command", () => {
  let restoring: string;
  beforeAll(async () => {
    await pulled(at.lab, at.host, at.node);
    const labels = "--label slipway.restore=shop-db --label slipway.restore.backup=20261121-201530-123";
    const end = `{"end":"taken back","why":"the server ended","evidence":["Bad file format"]}`;
    restoring = `docker run -d --name shop-db-restore ${labels} ${at.node} sh -c 'sleep 3; echo "$0"' '${end}'`;
  });

  it("pulumi up starts nothing on its data until that is over, says how it ended, and starts what is stopped then", async () => {
    await using db = new Accessory(at.lab, at.host, { image: (await at.lab.image("db", "v1", {}, { volumes: ["/data"] })).ref });
    await db.done();
    await at.run(`docker stop shop-db; ${restoring}`);
    expect(await db.preview()).toContain("wait for the restore of shop-db from 20261121-201530-123, which goes on by itself");
    const { error, said, statuses } = await db.up();
    expect(error).toBe("");
    expect(statuses.join("\n")).toContain("waiting for the restore of shop-db from 20261121-201530-123");
    expect(said.join("\n")).toMatch(
      /an earlier restore of shop-db .*, is over: it has the data that it had: the server ended; Bad/,
    );
    expect(await at.run("docker ps -a --format '{{.Names}} {{.State}}' | grep ^shop-db")).toBe("shop-db running");
  });

  it("a command says once that it waits for that, and then how it ended", async () => {
    await at.run(restoring);
    const hosts = new Hosts(at.scheduled().access);
    const earlier = await endEarlierRestore(hosts.at(addressOf(at.host)), "shop-db").finally(() => hosts.close());
    expect(earlier).toMatchObject({ end: { end: "taken back" } });
    expect(said).toEqual([
      expect.stringMatching(/^slipway: waiting for the restore of shop-db from 20261121-201530-123, which \S+ is carrying out$/),
      expect.stringMatching(/^slipway: an earlier restore of shop-db .*, is over: .*the server ended; Bad file format$/),
    ]);
    expect(await at.run("docker ps -aq --filter name=shop-db-restore")).toBe("");
  });
});
