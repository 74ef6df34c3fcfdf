import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { drill } from "../../../cli/backup/drill.ts";
import { runNow } from "../../../cli/backup/run.ts";
import { redisImage, valkeyImage } from "../../../lab/redis.ts";
import { DatabaseHost, NEWEST } from "../../support/database-host.ts";
import { aBackup, type Scheduled } from "../../support/scheduled.ts";

let at: DatabaseHost;
let scheduled: Scheduled;
const said: string[] = [];
const ran = (script: string) => at.run(script);

beforeAll(async () => {
  at = await DatabaseHost.start();
}, 900_000);
beforeEach(() => {
  // What a person would read.
  for (const way of ["info", "error"] as const) vi.spyOn(console, way).mockImplementation((line: string) => void said.push(line));
  said.length = 0;
});
afterAll(() => vi.restoreAllMocks());

const SNAPSHOTS = "";
const LOG = "--appendonly yes";
const redisServer = () => redisImage(at.lab.registry, { tag: "8.0" });
const valkeyServer = () => valkeyImage(at.lab.registry, { tag: "8.1" });

interface Cache {
  readonly preset: "redis" | "valkey";
  readonly image: typeof redisServer;
  readonly options: string;
}

describe("a Redis with snapshots alone", { tags: "long" }, () =>
  backedUp({ preset: "redis", image: redisServer, options: SNAPSHOTS }),
);
describe("a Redis with a log of its changes", { tags: "long" }, () =>
  backedUp({ preset: "redis", image: redisServer, options: LOG }),
);
describe("a Valkey with snapshots alone", { tags: "long" }, () =>
  backedUp({ preset: "valkey", image: valkeyServer, options: SNAPSHOTS }),
);
describe("a Valkey with a log of its changes", { tags: "long" }, () =>
  backedUp({ preset: "valkey", image: valkeyServer, options: LOG }),
);

function backedUp({ preset, image: made, options }: Cache): void {
  const client = (command: string) => ran(`docker exec shop-cache ${preset}-cli ${command}`);
  const cache = aBackup({
    container: "shop-cache",
    folder: "shop-cache",
    preset,
    port: 6379,
    env: {},
    secretEnv: {},
    secretsFingerprint: "",
  });

  beforeAll(async () => {
    const image = await at.pulled(made());
    scheduled = at.scheduled();
    await ran(`docker run -d --network kamal --name shop-cache -v shop-cache-data:/data ${image} ${preset}-server ${options}`);
    await at.ready("shop-cache", preset);
    await ran(`docker exec shop-cache sh -c 'for n in $(seq 1 500); do echo SET key$n value$n; done | ${preset}-cli >/dev/null'`);
    await scheduled.converge({ backups: { cache } });
  });
  afterAll(async () => {
    await scheduled.withdraw();
    await ran("docker rm -f -v shop-cache; docker volume rm shop-cache-data; rm -rf /srv/shop/backups");
  });

  it("has its keys again, and what was there before aside", async () => {
    expect(await runNow(scheduled.at("cache"), scheduled.access)).toBe(0);
    await client("FLUSHALL");
    await client("SET later 1");
    expect(await scheduled.restore(scheduled.at("cache"))).toBe(0);
    expect(await client("DBSIZE")).toBe("500");
    expect(await client("GET key77")).toBe("value77");
    expect(await ran("docker exec shop-cache ls /data")).toMatch(/\.before-\d{8}_\d{6}/);
    await ran("docker restart shop-cache");
    await at.ready("shop-cache", preset);
    expect(await client("DBSIZE")).toBe("500");
  });

  it("is drilled", async () => {
    expect(await drill(scheduled.at("cache"), scheduled.access, NEWEST)).toBe(0);
    expect(said.join("\n")).toContain("DBSIZE\n  500");
    expect(await at.leftovers()).toBe("");
  });
}
