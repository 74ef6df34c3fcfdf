import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { postgresImage } from "../../lab/postgres.ts";
import { redisImage } from "../../lab/redis.ts";
import { LabStack, type StackValues } from "../../lab/stack.ts";
import { withFilesInTheClear } from "../support/files-in-the-clear.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { expectNothingSeen } from "../support/look.ts";
import { details, done, refused, update } from "../support/outcome.ts";
import { answerOf } from "../support/visitors.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SETTINGS = "/etc/postgresql/settings.conf";
const MEGABYTE = 1024 * 1024;

/** What PostgreSQL needs in a settings file of its own, and more. */
const LISTEN = "listen_addresses = '*'\n";

const Rows = z.object({ acknowledged: z.number(), stored: z.number(), longestGapMs: z.number(), errors: z.number() });

describe("a database and a cache beside an app that writes all the time", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let db: string;
  let cache: string;
  let images: Record<"first" | "minor" | "broken" | "major" | "redis", string>;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const { registry } = lab;
    const refs = await Promise.all([
      postgresImage(registry, { tag: "17.1" }),
      postgresImage(registry, { tag: "17.2" }),
      postgresImage(registry, { tag: "17.3-broken", state: "broken" }),
      postgresImage(registry, { tag: "15.9", major: "15" }),
      redisImage(registry, { tag: "8.0" }),
    ]);
    const [first = "", minor = "", broken = "", major = "", redis = ""] = refs.map(({ ref }) => ref);
    images = { first, minor, broken, major, redis };
    stack = await LabStack.create(
      lab,
      {
        image: (await lab.image("shop", "v1")).ref,
        servers: {
          web: { hosts: { [host.name]: host.address } },
          worker: { hosts: [host.name], cmd: "/app worker", readiness_delay: 0 },
        },
        env: {
          clear: {
            DATABASE_URL:
              "postgres://${accessories.db.env.POSTGRES_USER}:${accessories.db.secret.POSTGRES_PASSWORD}@${accessories.db.host}:${accessories.db.port}/shop",
            DATABASE_REQUIRED: "1",
            REDIS_URL: "redis://${accessories.cache.host}:${accessories.cache.port}",
          },
        },
        // A destroy takes the proxy's image away with the proxy.
        proxy: { app_port: 3000, run: { registry: registry.server } },
        accessories: accessories(),
      },
      { "slipway:secrets.POSTGRES_PASSWORD": "p@ss/word 1" },
    );
    db = `shop-db-${stack.name}`;
    cache = `shop-cache-${stack.name}`;
  });
  afterAll(async () => {
    await rm(join(ROOT, settings()), { force: true });
    await stack[Symbol.asyncDispose]();
  });

  /** Its own settings file, in the project, by a name that stays. */
  const settings = () => `stacks/${stack.name}.conf`;
  const withSettings = (text: string): StackValues => {
    writeFileSync(join(ROOT, settings()), LISTEN + text);
    return { files: [`${settings()}:${SETTINGS}`], cmd: `postgres -c config_file=${SETTINGS}` };
  };

  const accessories = (ofDb: StackValues = {}): StackValues => ({
    db: {
      image: images.first,
      host: host.name,
      env: { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: ["POSTGRES_PASSWORD"] },
      ...ofDb,
    },
    cache: { image: images.redis, host: host.name },
  });

  const rows = async () => Rows.parse(JSON.parse(await answerOf(host, "/rows")));
  const inspect = (name: string) => host.docker.getContainer(name).inspect();
  const sql = (statement: string) =>
    host.must(
      `docker exec ${db} psql -h 127.0.0.1 -U app -d shop -Atc "${statement}"`.replace(
        "exec ",
        "exec -e PGPASSWORD='p@ss/word 1' ",
      ),
    );

  /** The app goes on writing, and every row that was acknowledged to it as stored is there. */
  const expectAllRows = async (): Promise<void> => {
    const before = await rows();
    await expect.poll(async () => (await rows()).acknowledged, { timeout: 20_000 }).toBeGreaterThan(before.acknowledged);
    const now = await rows();
    expect(now.stored).toBe(now.acknowledged);
  };

  /** A change to the database, and what was said of it before and after. */
  const changed = async (ofDb: StackValues): Promise<{ planned: string; said: string }> => {
    await stack.configure({ accessories: accessories(ofDb) });
    const planned = (await details(stack)).output;
    const said = (await done(update(stack))).output;
    await expectAllRows();
    await expectNothingSeen(lab, stack);
    return { planned, said };
  };

  it("come up before the app, from nothing, and nothing of them can be reached from outside", async () => {
    const { output } = await done(stack.up());
    expect(output).toMatch(/db on \S+ {3}run \S+postgres:17\.1\n.*create shop-db-/);
    await expectAllRows();
    expect(Number(await answerOf(host, "/redis"))).toBeGreaterThan(0);
    const [dbUp, appUp] = await Promise.all([
      inspect(db),
      host.must("docker ps --format '{{.Names}}' | grep shop-web").then((name) => inspect(name.trim())),
    ]);
    expect(Date.parse(dbUp.State.StartedAt)).toBeLessThan(Date.parse(appUp.Created));
    expect(dbUp.HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
    expect(dbUp.Mounts.map(({ Name }) => Name)).toEqual([`${db}-var-lib-postgresql-data`]);
    for (const port of [5432, 6379]) await expect(reach(host.address, port)).resolves.toBe("refused");
    await expectNothingSeen(lab, stack);
    const state = await stack.exported();
    expect(state).not.toContain("p@ss/word 1");
    expect(state).not.toContain("p%40ss%2Fword%201");
  });

  /** The refused change is taken out of the config: there is nothing left to do. */
  const backToSteady = async (): Promise<void> => {
    await stack.configure({ accessories: accessories(STEADY()) });
    await expectNothingSeen(lab, stack);
  };

  const GAP = /gap about (\d+(?:\.\d)?) s/;
  const MEASURED = /gap (\d+(?:\.\d+)?) s \(planned about (\d+(?:\.\d)?) s\)/;

  it("a minor version: replaced in place, every row there", async () => {
    const { planned, said } = await changed({ image: images.minor });
    expect(planned).toMatch(GAP);
    expect(planned).toMatch(/image .*17\.1.*17\.2/);
    expect(said).toMatch(MEASURED);
    expect((await inspect(db)).Config.Env).toContain("PG_VERSION=17.2");
    expect((await rows()).longestGapMs).toBeLessThan(10_000);
  });

  it("another setting in a file: replaced in place, every row there", { tags: "long" }, async () => {
    const { planned, said } = await changed({ image: images.minor, ...withSettings("shared_buffers = 48MB\n") });
    expect(planned).toMatch(GAP);
    expect(said).toMatch(MEASURED);
    expect((await sql("show shared_buffers")).trim()).toBe("48MB");
    expect(planned).toContain(`files +${SETTINGS}`);
    const again = await changed({ image: images.minor, ...withSettings("shared_buffers = 56MB\n") });
    expect(again.planned).toMatch(new RegExp(`files ~${SETTINGS} \\(content [0-9a-f]{8} → [0-9a-f]{8}\\)`));
    expect(again.planned).toMatch(new RegExp(`~ ${SETTINGS}\\s*: "[0-9a-f]{32}" => "[0-9a-f]{32}"`));
    expect([planned, said, again.planned, again.said, await stack.exported()].join("\n")).not.toMatch(
      /shared_buffers = |c2hhcmVkX2J1ZmZlcnM/,
    );
  });

  it("contents that a state of before has in the clear: sealed, and the same container", { tags: "long" }, async () => {
    const before = await inspect(db);
    await withFilesInTheClear(stack);
    expect(await stack.exported()).toContain("shared_buffers = 56MB");
    const { output } = await done(stack.up());
    expect(output).toContain(
      "db on web-1   no change on the host: contents of files become secret in the state".replace("web-1", host.name),
    );
    expect(await stack.exported()).not.toContain("shared_buffers = ");
    expect((await inspect(db)).State.StartedAt).toBe(before.State.StartedAt);
    await expectNothingSeen(lab, stack);
  });

  it("another environment: replaced in place, its names reported and no value", { tags: "long" }, async () => {
    const { planned, said } = await changed({ image: images.minor, ...withSettings("shared_buffers = 48MB\n"), env: ENV });
    expect(planned).toMatch(/env:? \+?.*TZ/);
    expect(said).toMatch(MEASURED);
    expect((await inspect(db)).Config.Env).toContain("TZ=Europe/Berlin");
  });

  it("another limit of memory: no gap, the same container", { tags: "long" }, async () => {
    const before = await inspect(db);
    const { planned } = await changed(STEADY());
    expect(planned).toMatch(/no gap/);
    const after = await inspect(db);
    expect(after.Id).toBe(before.Id);
    expect(after.State.StartedAt).toBe(before.State.StartedAt);
    expect(after.HostConfig.Memory).toBe(512 * MEGABYTE);
  });

  it("a broken version: the old one serves again, and its last words are the error's evidence", { tags: "long" }, async () => {
    const before = await inspect(db);
    await stack.configure({ accessories: accessories({ ...STEADY(), image: images.broken }) });
    const { output } = await refused(update(stack));
    expect(output).toMatch(/exited with code \d+/);
    expect(output).toMatch(/last log lines/);
    expect(output).toMatch(/serves/);
    const after = await inspect(db);
    expect(after.Id).toBe(before.Id);
    expect(after.State.Running).toBe(true);
    expect(after.HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
    await expectAllRows();
    await backToSteady();
  });

  it("another major version: refused while the old one serves on", { tags: "long" }, async () => {
    const before = await inspect(db);
    await stack.configure({ accessories: accessories({ ...STEADY(), image: images.major }) });
    const { output } = await refused(update(stack));
    expect(output).toMatch(/17/);
    expect(output).toMatch(/15/);
    expect((await inspect(db)).State.StartedAt).toBe(before.State.StartedAt);
    await backToSteady();
  });

  it("its port: on loopback unless it is declared public", { tags: "long" }, async () => {
    await changed({ ...STEADY(), port: 5432 });
    await expect(reach(host.address, 5432)).resolves.toBe("refused");
    expect(await host.must("(exec 3<>/dev/tcp/127.0.0.1/5432) && echo reached")).toContain("reached");
    const { planned } = await changed({ ...STEADY(), port: 5432, public: true, protect: true });
    expect(planned).toMatch(/0\.0\.0\.0/);
    await expect(reach(host.address, 5432)).resolves.toBe("reached");
  });

  it("one that is protected: Pulumi refuses to destroy it, and removes nothing", { tags: "long" }, async () => {
    const { output } = await refused(stack.destroy());
    expect(output).toMatch(/db-\S+ cannot be deleted\s+because it is protected/);
    await expectAllRows();
    await stack.configure({ accessories: accessories(STEADY()) });
    await done(update(stack));
  });

  it("one that left the config: gone, with its data kept and named", async () => {
    const { cache: _gone, ...others } = accessories(STEADY()) as Record<string, unknown>;
    await stack.configure({ accessories: others, env: { clear: { DATABASE_URL: URL_OF_DB } } });
    const { output } = await done(stack.up());
    expect(output).toContain(`${cache}-data`);
    expect(await host.must("docker ps --all --format '{{.Names}}'")).not.toContain(cache);
    expect(await host.must("docker volume ls --quiet")).toContain(`${cache}-data`);
    await expectAllRows();
  });

  it("all of it, by destroy: the database's volume stays unless its removal is written", async () => {
    const { acknowledged } = await rows();
    await done(stack.destroy());
    const volume = `${db}-var-lib-postgresql-data`;
    expect(await host.must("docker ps --all --format '{{.Names}}'")).not.toContain(db);
    expect(await host.must("docker volume ls --quiet")).toContain(volume);
    await stack.configure({ accessories: { db: { ...(accessories(STEADY()) as { db: object }).db, data: "delete" } } });
    const { output } = await done(stack.up());
    expect(output).toMatch(new RegExp(`${volume}.*(MB|kB|bytes)|(MB|kB|bytes).*${volume}`));
    expect(Number(await sql("select count(*) from lab_rows"))).toBeGreaterThanOrEqual(acknowledged);
    await done(stack.destroy());
    expect(await host.must("docker volume ls --quiet")).not.toContain(volume);
  });

  const ENV = { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop", TZ: "Europe/Berlin" }, secret: ["POSTGRES_PASSWORD"] };
  const URL_OF_DB =
    "postgres://${accessories.db.env.POSTGRES_USER}:${accessories.db.secret.POSTGRES_PASSWORD}@${accessories.db.host}:${accessories.db.port}/shop";
  const STEADY = (): StackValues => ({
    image: images.minor,
    ...withSettings("shared_buffers = 48MB\n"),
    env: ENV,
    options: { memory: "512m" },
  });
});

/** Whether a port of the host takes connections from outside. */
function reach(host: string, port: number): Promise<"reached" | "refused"> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 5000 });
    const end = (how: "reached" | "refused") => {
      socket.destroy();
      resolve(how);
    };
    socket.on("connect", () => end("reached"));
    socket.on("timeout", () => end("refused"));
    socket.on("error", (error) => ("code" in error && error.code === "ECONNREFUSED" ? end("refused") : reject(error)));
  });
}
