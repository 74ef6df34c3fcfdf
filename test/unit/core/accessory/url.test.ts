import { describe, expect, it } from "vitest";
import type { PresetName } from "../../../../core/accessory/preset.ts";
import { certainLogin, type ServerProcess, urlOf } from "../../../../core/accessory/url.ts";

type Values = Readonly<Record<string, string>>;

/** The URL of a server with this environment; undefined: it is not certain. */
function urlFrom(preset: PresetName | undefined, values: Values, server: Partial<ServerProcess> = {}): string | undefined {
  const login = loginFrom(preset, values, server);
  return login && urlOf(login, "db.internal", 1234);
}

const loginFrom = (
  preset: PresetName | undefined,
  values: Values,
  server: Partial<ServerProcess> = {},
  secret: readonly string[] = [],
) =>
  certainLogin({ preset, command: undefined, entrypoint: undefined, ...server }, (name) =>
    values[name] === undefined ? undefined : { value: values[name], isSecret: secret.includes(name) },
  );

describe("the URL of a server, from its environment", () => {
  it.each<[string, PresetName, Values, string]>([
    [
      "PostgreSQL",
      "postgres",
      { POSTGRES_USER: "app", POSTGRES_PASSWORD: "pw", POSTGRES_DB: "shop" },
      "postgres://app:pw@db.internal:1234/shop",
    ],
    [
      "PostgreSQL with a password alone",
      "postgres",
      { POSTGRES_PASSWORD: "pw" },
      "postgres://postgres:pw@db.internal:1234/postgres",
    ],
    [
      "PostgreSQL with a user alone, whose name its database has",
      "postgres",
      { POSTGRES_USER: "app", POSTGRES_PASSWORD: "pw" },
      "postgres://app:pw@db.internal:1234/app",
    ],
    [
      "MySQL",
      "mysql",
      { MYSQL_USER: "app", MYSQL_PASSWORD: "pw", MYSQL_DATABASE: "shop" },
      "mysql://app:pw@db.internal:1234/shop",
    ],
    ["MySQL without a database", "mysql", { MYSQL_USER: "app", MYSQL_PASSWORD: "pw" }, "mysql://app:pw@db.internal:1234"],
    [
      "MariaDB, by whichever of its names",
      "mariadb",
      { MARIADB_USER: "app", MYSQL_PASSWORD: "pw", MARIADB_DATABASE: "shop" },
      "mysql://app:pw@db.internal:1234/shop",
    ],
    ["Redis", "redis", {}, "redis://db.internal:1234"],
    ["Redis with a password", "redis", { REDIS_PASSWORD: "pw" }, "redis://:pw@db.internal:1234"],
    ["Valkey with a password", "valkey", { VALKEY_PASSWORD: "pw" }, "redis://:pw@db.internal:1234"],
  ])("of %s", (_what, preset, values, url) => expect(urlFrom(preset, values)).toBe(url));

  it("percent-encodes user, password and database", () =>
    expect(urlFrom("postgres", { POSTGRES_USER: "a b", POSTGRES_PASSWORD: "p@ss/w:rd%?#", POSTGRES_DB: "ünï" })).toBe(
      "postgres://a%20b:p%40ss%2Fw%3Ard%25%3F%23@db.internal:1234/%C3%BCn%C3%AF",
    ));

  it("has an IPv6 address in brackets", () => {
    const login = loginFrom("redis", {});
    expect(login && urlOf(login, "fd00::5", 6379)).toBe("redis://[fd00::5]:6379");
  });

  it.each<[string, PresetName | undefined, Values]>([
    ["without a preset", undefined, { POSTGRES_PASSWORD: "pw" }],
    ["of PostgreSQL without a password", "postgres", { POSTGRES_HOST_AUTH_METHOD: "trust" }],
    ["with the password in a file", "postgres", { POSTGRES_USER: "app", POSTGRES_PASSWORD_FILE: "/run/secrets/password" }],
    ["with the user in a file", "postgres", { POSTGRES_USER_FILE: "/run/secrets/user", POSTGRES_PASSWORD: "pw" }],
    ["for root, whom images let in from different hosts", "mysql", { MYSQL_ROOT_PASSWORD: "pw", MYSQL_DATABASE: "shop" }],
    ["with a password of no user", "mariadb", { MARIADB_PASSWORD: "pw" }],
    ["with a hashed password", "mariadb", { MARIADB_USER: "app", MARIADB_PASSWORD_HASH: "*1" }],
    ["with the variables of MariaDB, which MySQL does not read", "mysql", { MARIADB_USER: "app", MARIADB_PASSWORD: "pw" }],
  ])("is not certain %s", (_why, preset, values) => expect(urlFrom(preset, values)).toBeUndefined());
});

describe("a Redis whose environment has no password", () => {
  it.each([[["redis-server", "--appendonly", "yes", "--save", ""]], [["--maxmemory", "256mb"]], [["valkey-server"]]])(
    "has none with %j",
    (command) => expect(urlFrom("redis", {}, { command })).toBe("redis://db.internal:1234"),
  );

  it.each([
    [["redis-server", "--requirepass", "pw"]],
    [["redis-server", "--requirepass pw"]],
    [["redis-server", "/etc/redis.conf"]],
    [["redis-server", "--aclfile", "/etc/users.acl"]],
    [["redis-server", "--tls-port", "6379", "--port", "0"]],
    [["sh", "-c", "exec redis-server --requirepass $PASSWORD"]],
  ])("may have one with %j", (command) => expect(urlFrom("redis", {}, { command })).toBeUndefined());

  it("may have one with an entrypoint of its own", () =>
    expect(urlFrom("redis", {}, { entrypoint: ["/start.sh"] })).toBeUndefined());
});

describe("a login", () => {
  const values = { POSTGRES_USER: "app", POSTGRES_PASSWORD: "pw", POSTGRES_DB: "shop" };
  it("is a secret with a password, also with one in plain text", () =>
    expect(loginFrom("postgres", values)).toMatchObject({ isSecret: true }));
  it("is none without", () => expect(loginFrom("redis", {})).toMatchObject({ isSecret: false }));
});
