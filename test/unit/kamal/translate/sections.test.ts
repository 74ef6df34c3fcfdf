import { describe, expect, it } from "vitest";
import { commandOf } from "../../../../kamal/translate/aliases.ts";
import { isSecret } from "../../../../kamal/translate/env-value.ts";
import { secondsOf } from "../../../../kamal/translate/health.ts";
import { mountOf } from "../../../../kamal/translate/mount.ts";
import { SMALLEST, translated } from "./fixture.ts";

const WITHOUT_SERVERS = SMALLEST.replace("servers:\n  - 203.0.113.10\n", "");

describe("roles", () => {
  const role = (yaml: string) =>
    translated(`${WITHOUT_SERVERS}servers:\n  web: [203.0.113.10]\n  worker:\n    hosts: [203.0.113.10]\n${yaml}`);
  const worker = (yaml: string) => (role(yaml).stack.servers as { worker: unknown }).worker;

  it.each([
    [
      '    options: { memory-swap: 1g, memory: 512m, cpus: "1.5" }\n',
      { options: { memory_swap: "1g", memory: "512m", cpus: 1.5 } },
    ],
    ["    options: { cap-add: NET_ADMIN, group-add: 60000 }\n", { options: { cap_add: ["NET_ADMIN"], group_add: [60000] } }],
    [
      '    options: { publish: ["25:1025", "127.0.0.1:80:80"] }\n',
      { options: { publish: ["0.0.0.0:25:1025", "127.0.0.1:80:80"] } },
    ],
    ["    options: { publish: 5353:53/udp }\n", { options: { publish: "0.0.0.0:5353:53/udp" } }],
    ['    options: { volume: "a1:/b" }\n', { volumes: ["a1:/b"] }],
    ['    options: { mount: "type=bind,src=/srv/a,dst=/a,readonly" }\n', { volumes: ["/srv/a:/a:ro"] }],
    ["    options: { sysctl: net.core.somaxconn=1024 }\n", { options: { sysctls: { "net.core.somaxconn": "1024" } } }],
    [
      "    options: { health-cmd: \"ruby -e 'puts 1'\", health-interval: 10s, health-retries: 3 }\n",
      { healthcheck: { cmd: ["/bin/sh", "-c", "ruby -e 'puts 1'"], interval: 10 } },
    ],
    ["    traefik: true\n", { proxy: true }],
    ["    cmd: bin/jobs\n    stop_timeout: 60\n", { cmd: "bin/jobs", stop_timeout: 60 }],
    ["    labels: { service: shop, team: a }\n", { labels: { team: "a" } }],
  ])("%s", (yaml, expected) => {
    expect(worker(yaml)).toMatchObject(expected);
    expect(role(yaml).said.filter((line) => line.startsWith("needs you"))).toEqual([]);
  });

  it.each([
    ["    options: { network: host }\n", "the network of the host is not supported"],
    ["    options: { network: others }\n", "is a network beside kamal"],
    ["    options: { env-file: /x }\n", "is a file of the host"],
    ["    options: { foo: x }\n", "is a flag of docker run that has no key here"],
    ["    cmd: run $HOME\n", "$HOME is filled by the host's shell"],
  ])("%s needs a person", (yaml, says) => {
    expect(
      role(yaml)
        .said.filter((line) => line.startsWith("needs you"))
        .join("\n"),
    ).toContain(says);
  });

  it("are in the network of their accessories, which is kamal here", () => {
    const { said, stack } = role(
      "    options: { network: private }\naccessories:\n  db: { image: postgres:17, host: 203.0.113.10, options: { network: [private] } }\n",
    );
    expect(said.filter((line) => line.startsWith("needs you"))).toEqual([]);
    expect(JSON.stringify(stack)).not.toContain("private");
  });

  it("have the hosts and the TLS of Traefik's labels, in Kamal 1", () => {
    const yaml = `${WITHOUT_SERVERS}servers:\n  web:\n    hosts: [203.0.113.10]\n    labels:\n      traefik.http.routers.x.rule: Host(\`a.example.com\`) || Host(\`b.example.com\`)\n      traefik.http.routers.x.tls.certresolver: le\n`;
    expect(translated(yaml).stack.servers).toEqual({
      web: { hosts: ["203.0.113.10"], proxy: { hosts: ["a.example.com", "b.example.com"], ssl: true } },
    });
  });

  it("may have tags that only accessories use", () => {
    const yaml = `${WITHOUT_SERVERS}servers:\n  web:\n    - 203.0.113.10: writer\naccessories:\n  a: { image: b, tag: writer }\n`;
    expect(translated(yaml).stack).toMatchObject({
      env: { tags: { writer: {} } },
      servers: { web: [{ "203.0.113.10": "writer" }] },
    });
  });
});

describe("accessories", () => {
  const DB = "accessories:\n  db:\n    image: postgres:17\n    host: 203.0.113.10\n";
  const db = (yaml: string, machine = {}) => translated(SMALLEST + DB + yaml, machine);
  const stackOf = (yaml: string, machine = {}) => (db(yaml, machine).stack.accessories as { db: unknown }).db;

  it("keep Kamal's name, which has no destination in it", () => {
    const files = { "config/deploy.staging.yml": "proxy: { host: staging.example.com }\n" };
    expect(stackOf("", { files, destination: "staging" })).toMatchObject({ service: "shop-db" });
    expect(stackOf("")).not.toHaveProperty("service");
    expect(stackOf("    service: other\n", { files, destination: "staging" })).toMatchObject({ service: "other" });
  });

  it.each([
    ["    port: 5432\n", { port: 5432, public: true }],
    ['    port: "5432:5432"\n', { port: "5432:5432", public: true }],
    ["    port: 127.0.0.1:5432:5432\n", { port: "127.0.0.1:5432:5432" }],
    ["    port: 0.0.0.0:5432:5432\n", { port: "0.0.0.0:5432:5432", public: true }],
    ['    options: { publish: ["25565:25565"] }\n', { port: "25565:25565", public: true }],
    [
      "    options: { publish: [80:80, 443:443], hostname: db }\n",
      { options: { publish: ["0.0.0.0:80:80", "0.0.0.0:443:443"], hostname: "db" }, public: true },
    ],
    ["    directories:\n      - data:/var/lib/postgresql/data\n", { directories: ["data:/var/lib/postgresql/data"] }],
    [
      '    directories:\n      - { local: data, remote: /d, mode: 750, owner: "1000:1000" }\n',
      { directories: [{ local: "data", remote: "/d", mode: "0750", owner: "1000:1000" }] },
    ],
    [
      '    volumes: ["a1:/a"]\n    options: { mount: "type=volume,src=b1,dst=/b", volume: "c1:/c" }\n',
      { volumes: ["a1:/a", "b1:/b", "c1:/c"] },
    ],
    ["    env: { POSTGRES_PASSWORD: hunter2, A: 1 }\n", { env: { clear: { A: 1 }, secret: ["POSTGRES_PASSWORD"] } }],
    ["    env: { clear: { discovery.type: single-node } }\n", { env: { clear: { "discovery.type": "single-node" } } }],
  ])("%s", (yaml, expected) => {
    expect(stackOf(yaml)).toEqual(expect.objectContaining(expected));
    expect(db(yaml).said.filter((line) => line.startsWith("needs you"))).toEqual([]);
  });

  it("have their files copied into the project, with Kamal's mode", () => {
    const machine = { files: { "db/init.sql": "select 1" } };
    const yaml = "    files:\n      - db/init.sql:/docker-entrypoint-initdb.d/init.sql:ro\n";
    expect(stackOf(yaml, machine)).toMatchObject({
      files: [{ local: "db/init.sql", remote: "/docker-entrypoint-initdb.d/init.sql", mode: "0755" }],
    });
    expect(db(yaml, machine).translation.copied).toEqual([{ from: "db/init.sql", to: "db/init.sql" }]);
    expect(db(yaml).said.join()).toContain("there is no file db/init.sql here");
  });

  it.each([
    ["    files:\n      - a.yml.erb:/a.yml\n", "is ERB"],
    ["    directories:\n      - data:/d:ro\n", "a folder with options is a volume"],
  ])("%s needs a person", (yaml, says) => {
    expect(
      db(yaml)
        .said.filter((line) => line.startsWith("needs you"))
        .join("\n"),
    ).toContain(says);
  });

  it("are referred to where the app has the name of their container, if that name leads there", () => {
    const app = (host: string, more = "") =>
      translated(
        `${SMALLEST}env:\n  clear: { DB_HOST: shop-db, URL: "redis://shop-db:6379/1", OTHER: shop-db-2 }\n${DB.replace("203.0.113.10", host)}${more}`,
      );
    expect(app("203.0.113.10").stack.env).toEqual({
      clear: { DB_HOST: "${accessories.db.host}", URL: "redis://${accessories.db.host}:6379/1", OTHER: "shop-db-2" },
    });
    expect(app("203.0.113.99", "    port: 5432\n").stack.env).toMatchObject({ clear: { DB_HOST: "${accessories.db.host}" } });
    const elsewhere = app("203.0.113.99");
    expect(elsewhere.stack.env).toMatchObject({ clear: { DB_HOST: "shop-db" } });
    expect(elsewhere.said.join("\n")).toContain("shop-db is a name on 203.0.113.99 alone, which 203.0.113.10 does not know");
  });
});

describe("image and registry", () => {
  const of = (image: string, registry: string) =>
    translated(`service: shop\nimage: ${image}\nservers: [203.0.113.10]\n${registry}builder: { arch: amd64 }\n`);
  const LOGIN = "username: a, password: [P]";

  it.each([
    ["acme/shop", `registry: { server: ghcr.io, ${LOGIN} }\n`, { image: "acme/shop", registry: { server: "ghcr.io" } }],
    [
      "acme/shop",
      `registry: { server: example.com/group, ${LOGIN} }\n`,
      { image: "example.com/group/acme/shop", registry: { server: "example.com" } },
    ],
    ["Acme/Shop", `registry: { ${LOGIN} }\n`, { image: "acme/shop" }],
    ["ghcr.io/acme/shop", `registry: { server: ghcr.io, ${LOGIN} }\n`, { image: "ghcr.io/acme/shop" }],
    ["acme/shop", "registry: { server: registry.example.com }\n", { image: "registry.example.com/acme/shop" }],
  ])("%s with %s", (image, registry, expected) => {
    const { stack, said } = of(image, registry);
    expect(stack).toMatchObject(expected);
    expect(said.filter((line) => line.startsWith("needs you"))).toEqual([]);
  });

  it("are left out with a registry on localhost: hosts get the image from here", () => {
    const { stack } = of("shop", "registry: { server: localhost:5555 }\n");
    expect(stack).not.toHaveProperty("image");
    expect(stack).not.toHaveProperty("registry");
    expect(stack).toHaveProperty("builder");
  });

  it("have a password that a command prints as a secret, which a person sets", () => {
    const { stack, translation } = of("shop", 'registry: { username: AWS, password: "<%= %x(aws ecr get-login-password) %>" }\n');
    expect(stack.registry).toEqual({ username: "AWS", password: ["KAMAL_REGISTRY_PASSWORD"] });
    expect(translation.findings.filter(({ outcome }) => outcome === "needs you")).toHaveLength(1);
  });

  it("are built in the app's folder, from where the project is", () => {
    const built = (builder: string, toApp = "..") =>
      translated(`service: shop\nimage: shop\nservers: [203.0.113.10]\nbuilder: ${builder}\n`, { toApp }).stack.builder;
    expect(built("{ arch: amd64 }")).toEqual({ context: "..", clean: "commit", arch: "amd64" });
    expect(built("{ arch: amd64 }", ".")).toEqual({ clean: "commit", arch: "amd64" });
    expect(built("{ multiarch: false }")).toEqual({ context: ".." });
    expect(built("{ context: ., dockerfile: docker/Dockerfile }")).toEqual({ context: "..", dockerfile: "../docker/Dockerfile" });
    expect(built("{ context: app/ }")).toEqual({ context: "../app", dockerfile: "../Dockerfile" });
    expect(built("{ context: app/ }", ".")).toEqual({ context: "app", dockerfile: "Dockerfile" });
    expect(built("{ remote: { arch: amd64, host: ssh://a@b } }")).toMatchObject({ remote: "ssh://a@b" });
    expect(built("{ cache: { type: registry } }")).toMatchObject({ cache: { type: "registry", image: "shop-build-cache" } });
  });
});

describe("secrets", () => {
  it("are named with the place that has their value, and the command that prints it", () => {
    const files = {
      ".kamal/secrets": "KAMAL_REGISTRY_PASSWORD=$(gh auth token)\nA=$A\nB=$(cat x)\nC=hunter2\nD=$B\nE=$(f $B)\n",
    };
    const { translation } = translated(`${SMALLEST}env:\n  secret: [A, "X:B", C, D, E, F]\n`, { files });
    expect(translation.secrets).toEqual([
      { name: "KAMAL_REGISTRY_PASSWORD", print: "gh auth token", from: ".kamal/secrets:1, $(gh auth token)" },
      { name: "A", print: "printenv A", from: ".kamal/secrets:2, $A" },
      { name: "B", print: "cat x", from: ".kamal/secrets:3, $(cat x)" },
      { name: "C", print: undefined, from: ".kamal/secrets:4, as text" },
      { name: "D", print: "cat x", from: ".kamal/secrets:5, the secret B there" },
      { name: "E", print: undefined, from: ".kamal/secrets:6, $(f $B)" },
      { name: "F", print: undefined, from: "not in Kamal's files of secrets" },
    ]);
  });

  it("that Ruby reads as a different number are named as such, without the number", () => {
    const { said, text } = translated(`${SMALLEST}env: { clear: { DB_PASSWORD: 0123 } }\n`);
    expect(said.join("\n")).toContain("Ruby reads a different number than the file has: set what the container has now");
    expect(said.join("\n") + text).not.toMatch(/0123|\b83\b/);
  });

  it("of one name and two values are two", () => {
    const yaml = `${SMALLEST}env: { clear: { DB_PASSWORD: one } }\naccessories:\n  db: { image: a, host: 203.0.113.10, env: { DB_PASSWORD: two } }\n  ab: { image: a, host: 203.0.113.10, env: { DB_PASSWORD: one } }\n`;
    const { stack } = translated(yaml);
    expect(stack.env).toEqual({ secret: ["DB_PASSWORD"] });
    expect(stack.accessories).toMatchObject({
      db: { env: { secret: ["DB_PASSWORD:DB_DB_PASSWORD"] } },
      ab: { env: { secret: ["DB_PASSWORD"] } },
    });
  });

  it("are what comes from the environment, but not a default", () => {
    const yaml = `${SMALLEST}env:\n  clear:\n    A: <%= ENV["A"] %>\n    B: <%= ENV["B"] || "x" %>\n    C: <%= ENV.fetch("A", "x") %>\n    D: https://<%= ENV["NONE"] %>/\n`;
    const { stack, translation } = translated(yaml, { env: { A: "hunter2" } });
    expect(stack.env).toEqual({ clear: { B: "x" }, secret: ["A", "C", "D"] });
    expect(translation.secrets.map(({ name, print }) => [name, print]).slice(1)).toEqual([
      ["A", "printenv A"],
      ["C", "printenv A"],
      ["D", "printenv NONE"],
    ]);
  });

  it.each([
    ["DB_PASSWORD", "x", true],
    ["API_TOKEN", "x", true],
    ["SECRET_KEY_BASE", "x", true],
    ["STRIPE_API_KEY", "x", true],
    ["URL", "redis://:p@host", true],
    ["URL", "redis://host:6379/1", false],
    ["TLS_KEY", "/etc/key.pem", false],
    ["MAIL_API_KEY", "/run/key", false],
    ["DB_PASSWORD", "12345", true],
    ["USE_TOKEN", "true", false],
    ["CACHE_KEY", "x", false],
    ["PASSWORD_MIN", "8", false],
  ])("%s of %s is one: %s", (name, value, expected) => expect(isSecret(name, value)).toBe(expected));
});

describe("hooks", () => {
  it("are run by Slipway as they are, from where they are", () => {
    const files = {
      ".kamal/hooks/post-deploy": "#!/bin/sh\ncurl x\n",
      ".kamal/hooks/pre-deploy": "kamal app exec 'db:migrate'\n",
      ".kamal/hooks/pre-build": "x",
      ".kamal/hooks/docker-setup.sample": "x",
    };
    const { stack, said } = translated(SMALLEST, { files });
    expect(stack.hooks_path).toBe("../.kamal/hooks");
    expect(stack.hooks).toBeUndefined();
    expect(said.join("\n")).toContain(
      "calls Kamal in .kamal/hooks/pre-deploy:1: if it is a migration, write its command as slipway:release",
    );
    expect(said.filter((line) => /^needs you \d+ hooks\./.test(line))).toEqual([expect.stringContaining("pre-deploy")]);
  });

  it("are not named where there are none", () => expect(translated(SMALLEST).stack.hooks_path).toBeUndefined());

  it("in a folder of their own, and what they print", () => {
    const yaml = `${SMALLEST}hooks_path: bin/hooks\nhooks_output: { pre-deploy: quiet, post-deploy: verbose }\n`;
    const { stack } = translated(yaml, { files: { "bin/hooks/pre-deploy": "x" } });
    expect(stack).toMatchObject({
      hooks_path: "../bin/hooks",
      hooks_output: { pre_deploy: "quiet", post_deploy: "verbose" },
    });
  });
});

describe("small forms", () => {
  it.each([
    ["app logs -f -r web", "slipway logs -f --role web"],
    ['app exec --reuse "bin/rails db:migrate"', "slipway exec --reuse -- bin/rails db:migrate"],
    ["app exec -it sh", "slipway exec -i -- sh"],
    ["app details", "slipway status"],
    ['accessory exec db --reuse -i "psql -U x"', "slipway accessory exec db -i -- psql -U x"],
    ["accessory logs db -f", "slipway accessory logs db -f"],
    ["accessory reboot db", undefined],
    ["server exec uptime", undefined],
    ["app exec -e A:B run", undefined],
  ])("the alias %s is %s", (written, expected) => expect(commandOf(written)).toBe(expected));

  it.each([
    ["10s", 10],
    ["1m30s", 90],
    ["500ms", 1],
    ["7", 7],
    ["x", undefined],
  ])("%s is %s seconds", (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each([
    ["type=volume,src=a,dst=/b", { kind: "volume", text: "a:/b" }],
    ["type=bind,source=/a,target=/b,readonly", { kind: "volume", text: "/a:/b:ro" }],
    ["type=tmpfs,dst=/b", { kind: "tmpfs", text: "/b" }],
  ])("the mount %s", (text, expected) => expect(mountOf(text)).toEqual(expected));

  it("a mount with a driver needs a person", () =>
    expect(mountOf('type=volume,src=a,dst=/b,volume-driver=local,"volume-opt=o=addr=x,rw"').kind).toBe("other"));
});
