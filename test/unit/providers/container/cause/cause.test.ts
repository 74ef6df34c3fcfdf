import { describe, expect, it } from "vitest";
import { causeOf } from "../../../../../providers/container/cause/cause.ts";
import type { Keys } from "../../../../../providers/container/cause/rule.ts";
import type { Seen } from "../../../../../providers/container/cause/seen.ts";
import { Settings } from "../../../../../providers/container/settings.ts";

const SET = "pulumi config set --stack production --path";

/** Of a role that is proxied, in a stack with this config. */
function keys(config: Readonly<Record<string, unknown>> = {}, over: Partial<Keys> = {}): Keys {
  const written: Record<string, unknown> = { servers: { web: { hosts: ["203.0.113.10"] } }, ...config };
  const get = (key: string) => {
    const value = written[key.replace("slipway:", "")];
    return value === undefined ? undefined : JSON.stringify(value);
  };
  return {
    settings: new Settings("shop/production", { get }),
    port: ["proxy", "app_port"],
    path: ["proxy", "healthcheck", "path"],
    host: ["proxy", "healthcheck", "host"],
    env: ["env"],
    options: ["servers", "web", "options"],
    command: ["servers", "web", "cmd"],
    clear: {},
    secret: [],
    names: ["shop.example"],
    login: "deploy@203.0.113.10",
    ...over,
  };
}

const ended = (line: string, code = 1): Seen => ({
  lines: ["booting", line],
  ended: { code, oomKilled: false, memoryLimit: 0 },
});

/** It refused the connection, and listens there instead. */
const refusing = (sockets: Seen["sockets"], over: Partial<Seen> = {}): Seen => ({
  lines: [],
  asked: { port: 3000, path: "/up", said: "connection refused" },
  sockets,
  ...over,
});

const answering = (said: string, over: Partial<Seen> = {}, location?: string): Seen => ({
  lines: [],
  asked: { port: 3000, path: "/up", said, location },
  ...over,
});

describe("where a container listens", () => {
  it("is a different port: that one is written", () => {
    expect(causeOf(refusing([{ port: 8080, loopback: false }]), keys())).toEqual({
      what: "it listens on port 8080, not on 3000",
      remedy: { type: `${SET} 'slipway:proxy.app_port' 8080` },
    });
  });

  it("is several ports: the one that its image names", () => {
    const sockets = [9090, 8080].map((port) => ({ port, loopback: false }));
    expect(causeOf(refusing(sockets, { exposed: [8080] }), keys())?.remedy).toEqual({
      type: `${SET} 'slipway:proxy.app_port' 8080`,
    });
  });

  it("is nowhere: the port that its image names", () => {
    expect(causeOf(refusing([], { exposed: [8080] }), keys())?.what).toBe(
      "nothing in it listens on port 3000; its image names port 8080 (EXPOSE)",
    );
    expect(causeOf(refusing([], { exposed: [3000] }), keys())).toBeUndefined();
  });

  it.each([
    [["node", "server.js"], "HOST", "0.0.0.0"],
    [["/usr/local/bin/uvicorn", "main:app"], "UVICORN_HOST", "0.0.0.0"],
    [["gunicorn", "shop.wsgi"], "GUNICORN_CMD_ARGS", "'--bind 0.0.0.0:3000'"],
    [["bundle", "exec", "puma"], "BINDING", "0.0.0.0"],
  ])("is 127.0.0.1 only: %j gets the variable that it reads", (process, name, value) => {
    const cause = causeOf(refusing([{ port: 3000, loopback: true }], { process }), keys());
    expect(cause?.what).toMatch(/^it listens on 127\.0\.0\.1 only, port 3000/);
    expect(cause?.remedy).toEqual({ type: `${SET} 'slipway:env.clear.${name}' ${value}` });
  });

  it("is 127.0.0.1 although the variable is set: what else can be done", () => {
    const cause = causeOf(refusing([{ port: 3000, loopback: true }]), keys({}, { clear: { HOST: "0.0.0.0" } }));
    expect(cause?.remedy).toEqual({ words: "let it listen on 0.0.0.0, in its code or in slipway:servers.web.cmd" });
  });
});

describe("what a container answers", () => {
  it("is 404, and another path answers: the path is written", () => {
    const others = [
      { path: "/healthz", said: "404" },
      { path: "/", said: "200" },
    ];
    expect(causeOf(answering("404", { others }), keys())).toEqual({
      what: "/up answers 404, and / answers 200",
      remedy: { type: `${SET} 'slipway:proxy.healthcheck.path' /` },
    });
    expect(causeOf(answering("404", { others: [{ path: "/", said: "404" }] }), keys())).toBeUndefined();
  });

  it("is 503: no other path says that it is healthy", () => {
    expect(causeOf(answering("503", { others: [{ path: "/", said: "200" }] }), keys())).toBeUndefined();
  });

  it("is 400 or 403 to a host name that it does not know: one that it knows is written", () => {
    const others = [{ path: "/up", host: "shop.example", said: "200" }];
    for (const said of ["400", "403", "421"])
      expect(causeOf(answering(said, { others }), keys())).toEqual({
        what: `it answers ${said} to the host name of its check, and 200 as shop.example`,
        remedy: { type: `${SET} 'slipway:proxy.healthcheck.host' shop.example` },
      });
  });

  it("is a redirect to HTTPS: what Rails and Django need", () => {
    const cause = causeOf(answering("301", {}, "https://shop.example/up"), keys());
    expect(cause?.what).toContain("it redirects /up to HTTPS");
    expect(cause?.hints?.join("\n")).toMatch(
      /Rails: config\.ssl_options = .*"\/up".*\nDjango: SECURE_REDIRECT_EXEMPT = \[r"\^up\$"\]/,
    );
  });
});

describe("a variable that is missing", () => {
  it.each([
    ['ENV.fetch: key not found: "REDIS_NAMESPACE" (KeyError)', "REDIS_NAMESPACE"],
    ["KeyError: 'LOG_FORMAT'", "LOG_FORMAT"],
    ["django.core.exceptions.ImproperlyConfigured: Set the EMAIL_HOST environment variable", "EMAIL_HOST"],
    ["decouple.UndefinedValueError: EMAIL_HOST not found. Declare it as envvar or define a default value.", "EMAIL_HOST"],
    ["required key LOG_FORMAT missing value", "LOG_FORMAT"],
    ['env: required environment variable "LOG_FORMAT" is not set', "LOG_FORMAT"],
    ["Error: Missing required environment variable: LOG_FORMAT", "LOG_FORMAT"],
    ["Error: Missing environment variable LOG_FORMAT", "LOG_FORMAT"],
    ["Error: LOG_FORMAT is required", "LOG_FORMAT"],
    ["Error: LOG_FORMAT is not defined", "LOG_FORMAT"],
    ['Error: Config validation error: "LOG_FORMAT" is required', "LOG_FORMAT"],
    ["thread 'main' panicked at src/main.rs:9: LOG_FORMAT must be set: NotPresent", "LOG_FORMAT"],
    ["** (RuntimeError) environment variable LOG_FORMAT is missing.", "LOG_FORMAT"],
    ["Could not resolve placeholder 'LOG_FORMAT' in value \"${LOG_FORMAT}\"", "LOG_FORMAT"],
    ["/entrypoint.sh: line 3: LOG_FORMAT: unbound variable", "LOG_FORMAT"],
    ["/entrypoint.sh: 3: LOG_FORMAT: parameter not set", "LOG_FORMAT"],
    ["    LOG_FORMAT: Required", "LOG_FORMAT"],
    ["  LOG_FORMAT: [ 'Required' ]", "LOG_FORMAT"],
  ])("is read from %j", (line, name) => {
    expect(causeOf(ended(line), keys())).toEqual({
      what: `it needs the variable ${name}, which is not set`,
      remedy: { type: `${SET} 'slipway:env.clear.${name}'` },
    });
  });

  it("is read from a list of issues, as zod prints it", () => {
    const lines = ["❌ Invalid environment variables: [", "  {", '    "path": [', '      "LOG_FORMAT"', "    ],", "  }", "]"];
    expect(causeOf({ ...ended(""), lines }, keys())?.what).toContain("LOG_FORMAT");
  });

  it("is read from pydantic, which names the field", () => {
    const lines = ["1 validation error for Settings", "log_format", "  Field required [type=missing, input_value={}]"];
    expect(causeOf({ ...ended(""), lines }, keys())?.what).toContain("LOG_FORMAT");
  });

  it.each([
    ["ReferenceError: CONFIG is not defined", "a name in the code"],
    ["KeyError: 'user_id'", "a key with small letters"],
    ["ERROR is not defined", "a level of the log"],
    ["GET is required", "a word in capitals that names a method"],
  ])("is not read from %j, %s", (line) => {
    expect(causeOf(ended(line), keys())?.what ?? "").not.toMatch(/CONFIG|user_id|ERROR|GET/);
  });

  it("is not one that the app has", () => {
    expect(causeOf(ended("Error: LOG_FORMAT is required"), keys({}, { clear: { LOG_FORMAT: "json" } }))).toBeUndefined();
    expect(causeOf(ended("Error: API_TOKEN is required"), keys({}, { secret: ["API_TOKEN"] }))).toBeUndefined();
  });

  it("gets its value as a secret, if its name says that it is one", () => {
    const config = { env: { secret: ["A", "B"] } };
    expect(causeOf(ended("Error: DATABASE_URL is required"), keys(config))?.remedy).toEqual({
      type: "pulumi config set --stack production --secret --path 'slipway:secrets.DATABASE_URL' && pulumi config set --stack production --path 'slipway:env.secret[2]' DATABASE_URL",
    });
    expect(
      causeOf(ended("Error: DATABASE_URL is required"), keys({ ...config, secrets: { DATABASE_URL: "x" } }))?.remedy,
    ).toEqual({
      type: `${SET} 'slipway:env.secret[2]' DATABASE_URL`,
    });
    expect(causeOf(ended("Error: PUBLIC_URL is required"), keys(config))?.remedy).toEqual({
      type: `${SET} 'slipway:env.clear.PUBLIC_URL'`,
    });
  });

  it("is written in the form that the environment has", () => {
    const plain = { env: { LOG_LEVEL: "info" } };
    expect(causeOf(ended("Error: LOG_FORMAT is required"), keys(plain))?.remedy).toEqual({
      type: `${SET} 'slipway:env.LOG_FORMAT'`,
    });
    const { words = "" } = (causeOf(ended("Error: API_TOKEN is required"), keys(plain))?.remedy ?? {}) as { words?: string };
    expect(words).toContain("--secret --path 'slipway:secrets.API_TOKEN'");
    expect(words).toContain("write slipway:env as {clear: {what is there now}, secret: [API_TOKEN]}");
  });

  it("is an argument where a program declares the app", () => {
    const remedy = causeOf(ended("Error: LOG_FORMAT is required"), keys({ servers: undefined }))?.remedy;
    expect(remedy).toEqual({ words: "set slipway:env.clear.LOG_FORMAT (in a program: the argument of that name)" });
  });
});

describe("a server that the app does not reach", () => {
  const withDatabase = { accessories: { db: { image: "postgres:16.4" }, cache: { image: "valkey/valkey:8" } } };

  it.each([
    ["Error: connect ECONNREFUSED 127.0.0.1:5432", "127.0.0.1:5432", "db"],
    ["Error: connect ECONNREFUSED ::1:6379", "::1:6379", "cache"],
    ["dial tcp 127.0.0.1:5432: connect: connection refused", "127.0.0.1:5432", "db"],
    ['connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused', "localhost:5432", "db"],
    ["redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.", "localhost:6379", "cache"],
    ["Connection refused - connect(2) for 127.0.0.1:6379", "127.0.0.1:6379", "cache"],
  ])("is itself in %j: it gets the accessory's address", (line, at, accessory) => {
    const cause = causeOf(ended(line), keys(withDatabase, { clear: { STORE: "tcp://app@localhost:1/x", LOG: "1" } }));
    expect(cause).toEqual({
      what: `${at} refuses its connections: in a container, that is the container itself`,
      remedy: { type: `${SET} 'slipway:env.clear.STORE' 'tcp://app@\${accessories.${accessory}.host}:1/x'` },
    });
  });

  it.each([
    "Error: getaddrinfo ENOTFOUND db",
    'could not translate host name "db" to address: Name or service not known',
    "dial tcp: lookup db on 127.0.0.11:53: no such host",
    "Unknown MySQL server host 'db' (-2)",
    "java.net.UnknownHostException: db",
    "Error -2 connecting to db:5432. Name or service not known.",
  ])("has no address in %j: the accessory of that name has another", (line) => {
    expect(causeOf(ended(line), keys(withDatabase, { clear: { DB_HOST: "db" } }))).toEqual({
      what: "it finds no address for db",
      remedy: { type: `${SET} 'slipway:env.clear.DB_HOST' '\${accessories.db.host}'` },
    });
  });

  it("is named in a secret: only the user can write it", () => {
    expect(causeOf(ended("Error: getaddrinfo ENOTFOUND db"), keys(withDatabase))?.remedy).toEqual({
      words: "let its variable for that server have the host ${accessories.db.host} (slipway:env)",
    });
  });

  it("is no accessory", () => {
    expect(causeOf(ended("Error: connect ECONNREFUSED 10.0.0.5:5432"), keys())?.remedy).toEqual({
      words: "check that the server at 10.0.0.5:5432 runs, and lets this host in",
    });
  });
});

describe("how a container ended", () => {
  const killed = (memoryLimit: number, oomKilled = true): Seen => ({ lines: [], ended: { code: 137, oomKilled, memoryLimit } });

  it("is for memory: it gets twice its limit", () => {
    const remedy = { type: `${SET} 'slipway:servers.web.options.memory' 128m` };
    expect(causeOf(killed(64 * 2 ** 20), keys())).toEqual({ remedy });
    expect(causeOf(killed(64 * 2 ** 20, false), keys())).toEqual({ remedy });
    expect(causeOf(killed(0, false), keys())).toBeUndefined();
  });

  it("is for memory, and swap is limited: both", () => {
    const config = { servers: { web: { hosts: [], options: { memory: "64m", memory_swap: "64m" } } } };
    expect(causeOf(killed(64 * 2 ** 20), keys(config))?.remedy).toEqual({
      type: `${SET} 'slipway:servers.web.options.memory' 128m && ${SET} 'slipway:servers.web.options.memory_swap' 128m`,
    });
  });

  it("is a value that Pulumi cannot add, because a list is written there: where it belongs", () => {
    expect(causeOf(killed(64 * 2 ** 20), keys({ servers: ["203.0.113.10"] }))?.remedy).toEqual({
      words: "set slipway:servers.web.options.memory to 128m",
    });
  });

  it.each([
    ['exec: "bin/web": executable file not found in $PATH: unknown', "the image has no program bin/web"],
    ["sh: 1: bundle: not found", "the image has no program bundle"],
    ["bash: line 1: bundle: command not found", "the image has no program bundle"],
    ["/usr/bin/env: ‘node’: No such file or directory", "the image has no program node"],
    ['exec: "/app/start.sh": permission denied: unknown', "/app/start.sh is not executable in the image"],
    ["exec /app/server: exec format error", "its program is not one for this CPU (linux/amd64)"],
  ])("is %j", (line, what) => {
    expect(causeOf({ ...ended(line, 127), arch: "amd64" }, keys())?.what).toBe(what);
  });

  it.each([
    "Error: EACCES: permission denied, open '/data/shop.db'",
    "PermissionError: [Errno 13] Permission denied: '/data/shop.db'",
    "Errno::EACCES: Permission denied @ rb_sysopen - /data/shop.db",
    "open /data/shop.db: permission denied",
    "touch: cannot touch '/data/shop.db': Permission denied",
  ])("is a volume that belongs to root: %j", (line) => {
    const seen = {
      ...ended(line),
      user: "node",
      image: "ghcr.io/acme/shop:1",
      mounts: [{ source: "shop-data", target: "/data", readOnly: false }],
    };
    expect(causeOf(seen, keys())).toEqual({
      what: "it runs as node, who may not write to /data/shop.db: shop-data is not theirs",
      remedy: {
        type: "ssh deploy@203.0.113.10 docker run --rm --user 0 --entrypoint chown --volume shop-data:/data ghcr.io/acme/shop:1 -R node /data",
      },
    });
    expect(causeOf({ ...seen, mounts: [] }, keys())?.remedy).toEqual({
      words: "let the Dockerfile give /data/shop.db to node, or mount a volume there (slipway:volumes)",
    });
  });

  it("is a file system that is read-only: a folder in memory", () => {
    const config = { servers: { web: { hosts: [], options: { read_only: true } } } };
    expect(causeOf(ended("Error: EROFS: read-only file system, open '/tmp/cache/a'"), keys(config))?.remedy).toEqual({
      type: `${SET} 'slipway:servers.web.options.tmpfs[0]' /tmp/cache`,
    });
  });

  it("is nothing that is known", () => expect(causeOf(ended("Segmentation fault", 139), keys())).toBeUndefined());
});
