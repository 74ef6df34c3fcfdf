import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { PRESETS, presetOf, readyAt } from "../../../../core/accessory/preset.ts";

describe("the server that an image holds", () => {
  it.each([
    ["postgres", "postgres"],
    ["postgres:16.4", "postgres"],
    ["docker.io/library/postgres:16", "postgres"],
    [`postgres:16@sha256:${"a".repeat(64)}`, "postgres"],
    ["localhost:5000/mirror/postgres", "postgres"],
    ["postgis/postgis:16-3.4", "postgres"],
    ["pgvector/pgvector:pg16", "postgres"],
    ["timescale/timescaledb:latest-pg16", "postgres"],
    ["bitnami/postgresql", "postgres"],
    ["mysql:8.4", "mysql"],
    ["percona:8", "mysql"],
    ["mariadb:11", "mariadb"],
    ["bitnami/redis", "redis"],
    ["valkey/valkey:8", "valkey"],
    ["postgres-exporter", undefined],
    ["redis/redisinsight", undefined],
    ["constructor", undefined],
    ["registry.example.com:5000/postgres/backup", undefined],
  ])("%s → %s", (image, preset) => expect(presetOf(image)).toBe(preset));
});

/** A folder with commands that write down how they were called. */
function aContainer(commands: Readonly<Record<string, string>>): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "slipway-preset-"));
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Runs a preset's command as the container would, with its environment and with these clients alone. */
function runIn(commands: Readonly<Record<string, string>>, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  using container = aContainer(commands);
  const [file = "", ...args] = argv;
  const PATH = [container.path, "/usr/bin", "/bin"].join(delimiter);
  const { status, stdout, stderr } = spawnSync(file, args, { env: { ...env, PATH }, encoding: "utf8" });
  return { code: status, said: `${stdout}${stderr}`.trim() };
}
const SAY = 'echo "$0 $*" | sed "s,^[^ ]*/,,; s, *$,,"';
const { postgres, mysql, mariadb, redis, valkey } = PRESETS;

describe("readiness", () => {
  it("checks PostgreSQL over TCP, as a role that exists", () => {
    const ask = (env: Record<string, string>, ready = postgres.ready) => runIn({ pg_isready: SAY }, ready, env).said;
    expect(ask({})).toBe("pg_isready -h 127.0.0.1 -p 5432 -U postgres -d postgres");
    expect(ask({ POSTGRES_USER: "app" })).toBe("pg_isready -h 127.0.0.1 -p 5432 -U app -d app");
    expect(ask({ POSTGRES_USER: "app", POSTGRES_DB: "shop" }, readyAt(postgres, 6000))).toBe(
      "pg_isready -h 127.0.0.1 -p 6000 -U app -d shop",
    );
  });
  it("answers as it does", () => expect(runIn({ pg_isready: "exit 2" }, postgres.ready).code).toBe(2));

  it("asks MySQL and MariaDB with the client that is there, and the password out of sight", () => {
    const say = `${SAY}; echo "password $MYSQL_PWD"`;
    expect(runIn({ mysqladmin: say }, mysql.ready, { MYSQL_ROOT_PASSWORD: "root's" }).said).toBe(
      "mysqladmin -h 127.0.0.1 -P 3306 -u root --silent ping\npassword root's",
    );
    expect(runIn({ "mariadb-admin": say }, mariadb.ready, { MARIADB_ROOT_PASSWORD: "root's" }).said).toBe(
      "mariadb-admin -h 127.0.0.1 -P 3306 -u root --silent ping\npassword root's",
    );
  });

  it.each([
    ["PONG", 0],
    ["NOAUTH Authentication required.", 0],
    ["LOADING Redis is loading the dataset in memory", 1],
    ["Could not connect to Redis at 127.0.0.1:6379: Connection refused", 1],
  ])("takes %s of Redis for %i", (reply, code) => {
    expect(runIn({ "redis-cli": `echo "${reply}"` }, redis.ready)).toEqual({ code, said: reply });
    expect(runIn({ "valkey-cli": `echo "${reply}"` }, valkey.ready)).toEqual({ code, said: reply });
  });
});

describe("the console", () => {
  it("is the server's own client, logged in", () => {
    expect(runIn({ psql: SAY }, postgres.console, { POSTGRES_USER: "app", POSTGRES_DB: "shop" }).said).toBe("psql -U app shop");
    expect(runIn({ "redis-cli": `${SAY}; echo "$REDISCLI_AUTH"` }, redis.console, { REDIS_PASSWORD: "pass word" }).said).toBe(
      "redis-cli\npass word",
    );
  });
  it("is the root's of MySQL, or the user's where only that is known", () => {
    const say = { mysql: `${SAY}; echo "$MYSQL_PWD"` };
    expect(runIn(say, mysql.console, { MYSQL_ROOT_PASSWORD: "a", MYSQL_USER: "app", MYSQL_DATABASE: "my shop" }).said).toBe(
      "mysql -u root my shop\na",
    );
    expect(runIn(say, mysql.console, { MYSQL_USER: "app", MYSQL_PASSWORD: "b" }).said).toBe("mysql -u app\nb");
  });
});
