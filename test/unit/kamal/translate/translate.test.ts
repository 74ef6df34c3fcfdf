import { describe, expect, it } from "vitest";
import { SMALLEST, translated } from "./fixture.ts";

/** A config with one more section: what it becomes, and what is said of it. */
const with_ = (yaml: string) => SMALLEST + yaml;

describe("a config of Kamal", () => {
  it("keeps its order and comments, and gets Kamal's names", () => {
    const { text, said } = translated(`# our shop
service: shop # its name

image: acme/shop
# where it runs
servers:
  web:
    # the first one
    - 203.0.113.10 # in Helsinki
    - 203.0.113.11

registry: { username: acme, password: [KAMAL_REGISTRY_PASSWORD] }
builder:
  arch: amd64
`);
    expect(text).toBe(`# Made by slipway import of config/deploy.yml
config:
  # our shop
  slipway:service: shop # its name
  slipway:destination: none

  slipway:image: acme/shop
  # where it runs
  slipway:servers:
    web:
      # the first one
      - 203.0.113.10 # in Helsinki
      - 203.0.113.11

  slipway:registry:
    username: acme
    password: [KAMAL_REGISTRY_PASSWORD]
  slipway:builder:
    context: ..
    clean: commit
    arch: amd64
`);
    expect(said).toEqual([
      "translated 13 builder.context: is .., the app's folder",
      "translated 13 builder.clean: is commit: without a context Kamal builds what is committed",
    ]);
  });

  it.each([
    ["retain_containers: 3\n", { retain_containers: 3 }],
    ["volumes:\n  - shop:/data\n", { volumes: ["shop:/data"] }],
    ["boot: { limit: 25%, wait: 2 }\n", { boot: { limit: "25%", wait: 2 } }],
    [
      "proxy: { host: shop.example.com, ssl: true, app_port: 3000 }\n",
      { proxy: { host: "shop.example.com", ssl: true, app_port: 3000 } },
    ],
    ["labels: { team: checkout }\n", { labels: { team: "checkout" } }],
    ["env: { A: 1, B: true, C: text }\n", { env: { A: 1, B: true, C: "text" } }],
    ["logging: { driver: journald }\n", { logging: { driver: "journald" } }],
  ])("has %j in its stack as it is", (yaml, stack) => {
    const { stack: made, said } = translated(with_(yaml));
    expect(made).toMatchObject(stack);
    // Those of the builder, and none of this key.
    expect(said).toHaveLength(2);
  });

  it.each([
    ["an octal number of Ruby", "deploy_timeout: 0200\n", { deploy_timeout: 128 }, "0200 is read by Ruby as 128"],
    [
      "a number with _",
      "proxy: { buffering: { memory: 2_000_000 } }\n",
      { proxy: { buffering: { memory: 2000000 } } },
      "read by Ruby as 2000000",
    ],
    ["a word that is a truth value", "env:\n  A: off\n", { env: { A: false } }, "off is read by Ruby as false"],
    ["a number with a 0 at its end", "env:\n  A: 1.10\n", { env: { A: "1.1" } }, "1.10 is read by Ruby as 1.1"],
    ["a symbol", "env:\n  A: :8500\n", { env: { A: "8500" } }, ":8500 is read by Ruby as 8500"],
    [
      "a large number",
      "env:\n  A: 12_345_678_901_234_567_890\n",
      { env: { A: "12345678901234567890" } },
      "as 12345678901234567890",
    ],
    ["require_destination", "require_destination: true\n", {}, "not needed: a stack is a destination"],
    ["minimum_version", "minimum_version: 2.4.0\n", {}, "not needed"],
    ["sshkit", "sshkit: { dns_retries: 3 }\n", {}, "not needed"],
    ["an extension", "x-a: { b: 1 }\n", {}, "not needed: an extension"],
    [
      "an alias",
      'aliases: { console: app exec -i --reuse "bin/rails console" }\n',
      { aliases: { console: "exec -i --reuse -- bin/rails console" } },
      "is slipway console: slipway exec -i --reuse -- bin/rails console",
    ],
    [
      "an alias with the name of a command of ours",
      "aliases: { logs: app logs -f }\n",
      {},
      "is slipway logs -f: logs is a command of slipway, which needs no alias",
    ],
    ["keys_only", "ssh: { keys: [a], keys_only: true }\n", { ssh: { keys: ["a"], agent: false } }, "is agent: false"],
    [
      "a jump by a command",
      "ssh:\n  proxy_command: ssh -W %h:%p ops@bastion\n",
      { ssh: { proxy: "ops@bastion" } },
      "is ssh.proxy",
    ],
    ["log_level", "ssh: { log_level: debug }\n", {}, "not needed"],
    ["asset_path with an option", "asset_path: /app/public:ro\n", { asset_path: "/app/public" }, "read-only in any case"],
    [
      "a health check's path",
      "proxy: { healthcheck: { path: up } }\n",
      { proxy: { healthcheck: { path: "/up" } } },
      "begins with /",
    ],
    [
      "a password",
      "env:\n  clear: { DB_PASSWORD: hunter2, A: b }\n",
      { env: { clear: { A: "b" }, secret: ["DB_PASSWORD"] } },
      "is a secret here",
    ],
    [
      "a login in a URL",
      "env:\n  DATABASE_URL: postgres://a:hunter2@db/x\n",
      { env: { secret: ["DATABASE_URL"] } },
      "is a secret here",
    ],
    ["a line break in a variable", 'env:\n  A: "a\\nb"\n', { env: { A: "a\\nb" } }, "as it arrives in the container"],
    ["an empty section", "env:\n", {}, "is empty, as if it were not there"],
    [
      "Kamal 1's health check",
      "healthcheck: { path: /health, port: 8080, max_attempts: 3 }\n",
      { proxy: { app_port: 8080, healthcheck: { path: "/health" } } },
      "is proxy.app_port",
    ],
    ["Kamal 1's port", "healthcheck: { path: /health }\n", { proxy: { app_port: 3000 } }, "port 3000, Kamal 1's default"],
    ["Kamal 1's builder", "", { builder: { context: ".." } }, "the app's folder"],
  ])("has %s in another form", (_, yaml, stack, says) => {
    const result = translated(with_(yaml));
    expect(result.stack).toMatchObject(stack);
    expect(result.said.join("\n")).toContain(says);
    expect(result.said.filter((line) => line.startsWith("needs you"))).toEqual([]);
    expect(result.text).not.toContain("hunter2");
    expect(JSON.stringify(result.said)).not.toContain("hunter2");
  });

  it.each([
    [
      "a variable of the host's shell",
      'env:\n  clear: { A: "${HOST_TOKEN}" }\n',
      "12 env.clear.A: ${HOST_TOKEN} is filled by the host's shell",
    ],
    [
      "a variable of the host's shell in a command",
      "accessories:\n  a: { image: b, host: c, cmd: run $HOME }\n",
      "12 accessories.a.cmd: $HOME is filled by the host's shell",
    ],
    [
      "an operator of the host's shell",
      "accessories:\n  a: { image: b, host: c, cmd: a && b }\n",
      "& is read by the host's shell",
    ],
    ["a time", "env:\n  A: 2024-01-31 10:00:00\n", "is a time"],
    [
      "a relative volume",
      "volumes:\n  - ./data:/data\nssh: { user: deploy }\n",
      "12 volumes[0]: ./data is below the home of the SSH user",
    ],
    ["a port of base 60", "accessories:\n  a:\n    { image: b, host: c, port: 22:22 }\n", "is the number 80520 for Ruby"],
    ["a key of no version", "netwrok: x\n", "11 netwrok: no version of Kamal has this key"],
    ["buildpacks", "accessories: {}\n", undefined],
    [
      "flags of the proxy",
      "proxy:\n  run: { options: { cpus: 1 } }\n",
      "12 proxy.run.options: flags of docker run for the proxy",
    ],
    ["output", "output: { file: { path: x } }\n", "11 output: log output of Kamal itself"],
    ["a reserved label", "labels: { role: x }\n", "11 labels.role: is a label that finds the containers"],
    ["Traefik", "traefik: { args: { accesslog: true } }\n", "11 traefik: kamal-proxy takes the place of Traefik"],
  ])("says who has to write %s, with its line", (_, yaml, says) => {
    const { said } = translated(with_(yaml));
    const asked = said.filter((line) => line.startsWith("needs you"));
    if (says === undefined) expect(asked).toEqual([]);
    else expect(asked.join("\n")).toContain(says);
  });

  it("may be accessories alone, without what an app would have", () => {
    const alone =
      "service: shop\nimage: acme/shop\nbuilder: { arch: amd64 }\nregistry: { username: a, password: [P] }\naccessories:\n  db: { image: postgres:17, host: 203.0.113.10 }\n";
    const { stack, said } = translated(alone);
    expect(stack).toEqual({
      service: "shop",
      destination: "none",
      registry: { username: "a", password: ["P"] },
      accessories: { db: { image: "postgres:17", host: "203.0.113.10" } },
    });
    expect(said).toEqual([
      "translated 2 image: not needed: there are no servers, so that it decides nothing",
      "translated 3 builder: not needed: there are no servers, so that it decides nothing",
    ]);
  });

  it("has neither servers nor accessories with a host: those are in the file of a destination", () => {
    expect(translated("service: shop\naccessories:\n  db: { image: postgres:17 }\n").said.join("\n")).toContain(
      "needs you 1 servers: is in no file that was read: name the destination whose file has it",
    );
  });

  it("keeps one of two values that are one key here, and says so", () => {
    const { said, stack } = translated(with_("proxy: { app_port: 80 }\nhealthcheck: { port: 3000 }\n"));
    expect(stack.proxy).toEqual({ app_port: 80 });
    expect(said.join("\n")).toContain(
      "needs you 12 healthcheck.port: is left out, since proxy.app_port in config/deploy.yml:11 is the same key here",
    );
  });

  it("loses no value even where a rule is missing", () => {
    const { said } = translated(with_("proxy: { hosst: a, ssl: { key: 1 } }\nfoo: { bar: [1, { baz: 2 }] }\n"));
    expect(said.join("\n")).toContain("needs you 11 proxy.hosst: no version of Kamal has this key");
    expect(said.join("\n")).toContain("needs you 12 foo: no version of Kamal has this key");
  });
});
