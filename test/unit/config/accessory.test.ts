import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Accessory } from "../../../config/index.ts";
import { Directory } from "../../../core/accessory/directory.ts";
import { AccessoryFile } from "../../../core/accessory/file.ts";
import { AccessoryInputs } from "../../../providers/accessory/inputs.ts";
import { aProject, type Circumstances, existing, problems, read, type Section } from "./fixture.ts";

const HOST = "203.0.113.10";
const set = (name: string) => `pulumi config set --secret --path 'slipway:secrets.${name}'`;
/** A config with the accessory `db` beside the app. */
const withDb = (part: Section, root: Section = {}): Section => ({
  secrets: { POSTGRES_PASSWORD: "s3cret", LOGIN: "token" },
  ...root,
  accessories: { db: { image: "postgres:16.4", host: HOST, ...part } },
});
function db(part: Section = {}, root: Section = {}, circumstances?: Circumstances): Accessory {
  const [only] = read(withDb(part, root), circumstances).accessories;
  if (only === undefined) throw new Error("no accessory");
  return only;
}
const refused = (part: Section, problem: string, root?: Section, circumstances?: Circumstances) =>
  expect(problems(withDb(part, root), circumstances)).toEqual([`slipway:accessories.db${problem}`]);

describe("an accessory", () => {
  it("is complete with defaults", () => {
    expect(db()).toEqual({
      name: "db",
      container: "shop-db-production",
      hosts: [HOST],
      image: "postgres:16.4",
      registry: undefined,
      preset: "postgres",
      command: undefined,
      containerPort: 5432,
      publish: undefined,
      env: { clear: {}, secret: {} },
      on: {},
      files: [],
      directories: [],
      mounts: [],
      labels: {},
      options: expect.objectContaining({ restart: { name: "unless-stopped" } }),
      network: undefined,
      ready: { by: "command", command: ["sh", "-c", expect.stringContaining("pg_isready"), "5432"], interval: 0.25, timeout: 5 },
      proxy: undefined,
      logging: { driver: "json-file", options: { "max-size": "10m" } },
      stopTimeout: 60,
      bootTimeout: 60,
      data: "keep",
      after: [],
    });
  });

  it("takes nothing over that is the app's", () => {
    const root = { env: { A: "1" }, labels: { team: "x" }, volumes: ["vol:/v"], logging: { driver: "local" } };
    expect(db({}, root)).toEqual(db());
  });

  it("comes by name, and changes nothing of the app", () => {
    const accessories = { db: { image: "postgres", host: HOST }, cache: { image: "redis", host: HOST } };
    const config = read({ accessories });
    expect(config.accessories.map(({ name }) => name)).toEqual(["cache", "db"]);
    expect({ ...config, accessories: [] }).toEqual(read());
  });

  it("is named without a destination where there is none", () =>
    expect(db({}, { destination: "none" }).container).toBe("shop-db"));

  it("is what the provider takes", () => {
    using project = aProject({ "db/my.conf": "a = 1\n" });
    const part = {
      files: [{ local: "db/my.conf", remote: "/etc/my.conf", owner: 999, mode: "0640" }, "db/my.conf:/b"],
      directories: ["data:/data", { local: "/srv/x", remote: "/x", mode: "0700", owner: "postgres:postgres" }],
      options: { memory: "512m", shm_size: "64m" },
      port: 5432,
    };
    for (const healthcheck of [undefined, { tcp: 1 }, { port: 2 }, { cmd: "true" }]) {
      const made = db({ ...part, healthcheck }, {}, { root: project.root });
      expect(AccessoryInputs.shape.ready.parse(made.ready)).toEqual(made.ready);
      expect(AccessoryInputs.shape.options.parse(made.options)).toEqual(made.options);
      expect(AccessoryInputs.shape.publish.parse([made.publish])).toEqual([made.publish]);
      for (const file of made.files) expect(AccessoryFile.parse(file)).toEqual(file);
      for (const folder of made.directories) expect(Directory.parse(folder)).toEqual(folder);
    }
  });

  it.each<[string, Section, string]>([
    ["an image that is missing", { image: undefined }, ".image is required"],
    ["an image with blanks", { image: "post gres" }, '.image "post gres" contains whitespace'],
    [
      "a digest that is none",
      { image: "postgres@sha256:1" },
      '.image "postgres@sha256:1" does not end with a digest: @sha256: and 64 hex digits',
    ],
    ["an unknown key", { imge: "x" }, ".imge unknown key; did you mean image?"],
    ["Kamal's name", { service: "x" }, ".service not needed: the container is <service>-<accessory>[-<destination>]"],
    ["tags of env", { env: { tags: {} } }, ".env.tags tags are only allowed in slipway:env"],
    ["a secret that is not set", { env: { secret: ["NOPE"] } }, `.env.secret[0] NOPE is not set: ${set("NOPE")}`],
    [
      "host ports as options",
      { options: { publish: "1:1" } },
      ".options.publish set port: a single port, on loopback unless it has an address",
    ],
    [
      "a label of ours",
      { labels: { service: "x" } },
      ".labels.service reserved: Slipway finds its containers by service, role, destination and slipway.*",
    ],
    ["a shell", { cmd: "a | b" }, ".cmd it is not run by a shell, so | has no meaning: write sh -c '…' around it"],
    ["an unknown preset", { preset: "oracle" }, ".preset should be postgres or mysql or mariadb or redis or valkey or none"],
    [
      "Docker's own network",
      { network: "host" },
      '.network "host" has no DNS names: use a network of its own, or set port to publish it',
    ],
    ["no time to boot", { boot_timeout: 0 }, ".boot_timeout should be at least 1"],
    ["anything but keep and delete", { data: "drop" }, ".data should be keep or delete"],
  ])("refuses %s", (_, part, problem) => refused(part, problem));

  it("tells all problems at once", () =>
    expect(problems(withDb({ image: undefined, host: undefined, network: "host", port: "a:b" })).length).toBe(4));
});

describe("preset", () => {
  it("can be another than the image's name tells, or none", () => {
    expect(db({ image: "acme/database", preset: "mysql" })).toMatchObject({
      preset: "mysql",
      containerPort: 3306,
      stopTimeout: 60,
    });
    expect(db({ preset: "none" })).toMatchObject({ preset: undefined, containerPort: undefined, stopTimeout: 30 });
  });
  it("gives way to what is written", () =>
    expect(db({ stop_timeout: 5, options: { stop_signal: "SIGTERM" } })).toMatchObject({
      stopTimeout: 5,
      options: { stopSignal: "SIGTERM" },
    }));
  it("asks at the port that is written", () =>
    expect(db({ port: "5432:6000" }).ready).toMatchObject({ by: "command", command: expect.arrayContaining(["6000"]) }));
});

describe("health check", () => {
  const ready = (part: Section, root?: Section) => db({ image: "acme/search", ...part }, root).ready;

  const APP = { proxy: { host: "shop.example.com" } };

  it("is left to Docker where nothing is known", () => {
    expect(ready({})).toEqual({ by: "docker", delay: 7 });
    expect(ready({}, { readiness_delay: 2 })).toEqual({ by: "docker", delay: 2 });
  });
  it("is what is written", () => {
    expect(ready({ healthcheck: { tcp: 9200 } })).toEqual({ by: "tcp", port: 9200, timeout: 5 });
    expect(ready({ healthcheck: { port: 9200, path: "/ok" } })).toEqual({ by: "http", port: 9200, path: "/ok", timeout: 5 });
    expect(ready({ healthcheck: { cmd: "check now", timeout: 9 } })).toEqual({
      ...{ by: "command", command: ["check", "now"], interval: 1, timeout: 9 },
    });
  });
  it("asks the port that others use, unless another is written", () =>
    expect(ready({ port: 7700, healthcheck: { path: "/health" } })).toMatchObject({ by: "http", port: 7700 }));
  it("is the proxy's for one that is proxied", () =>
    expect(ready({ proxy: { host: "a.example.com", app_port: 7700, healthcheck: { path: "/health" } } }, APP)).toEqual({
      ...{ by: "http", port: 7700, path: "/health", timeout: 5 },
    }));
  it("refuses two kinds at once", () => {
    refused({ healthcheck: { tcp: 1, cmd: "true" } }, ".healthcheck.cmd not allowed together with tcp: set one of the two");
    refused(
      { image: "acme/search", healthcheck: { path: "/x" } },
      ".healthcheck.port is required: the port to check, or set cmd",
    );
  });
});

describe("port", () => {
  const publish = (part: Section) => db(part).publish;
  const on = (ip: string, hostPort = 5432, containerPort = 5432) => ({ ip, hostPort, containerPort, protocol: "tcp" });

  it("is on loopback unless somebody wrote otherwise", () => {
    expect(publish({ port: 5432 })).toEqual(on("127.0.0.1"));
    expect(publish({ port: "5432" })).toEqual(on("127.0.0.1"));
    expect(publish({ port: "5433:5432" })).toEqual(on("127.0.0.1", 5433));
  });
  it("is on an address that is written", () => {
    expect(publish({ port: "10.0.0.5:5433:5432" })).toEqual(on("10.0.0.5", 5433));
    expect(publish({ port: "[fd00::5]:5432:5432" })).toEqual(on("fd00::5"));
  });
  it("is on all of them only where that is written", () => {
    expect(publish({ port: 5432, public: true })).toEqual(on("0.0.0.0"));
    expect(publish({ port: "5433:5432", public: true })).toEqual(on("0.0.0.0", 5433));
    expect(publish({ port: "203.0.113.10:5432:5432", public: true })).toEqual(on("203.0.113.10"));
  });

  const OPEN = "is reachable from outside: add public: true, or use a private address";
  it.each<[string, Section, string]>([
    ["all addresses", { port: "0.0.0.0:5432:5432" }, `.port "0.0.0.0:5432:5432" ${OPEN}`],
    ["a public address", { port: "203.0.113.10:5432:5432" }, `.port "203.0.113.10:5432:5432" ${OPEN}`],
    ["a public address, version 6", { port: "[2001:db8::1]:5432:5432" }, `.port "[2001:db8::1]:5432:5432" ${OPEN}`],
    ["public without port", { public: true }, ".public needs port: the port of the host"],
    ["public loopback", { port: "127.0.0.1:1:1", public: true }, ".public not allowed: 127.0.0.1 is loopback"],
    ["nonsense", { port: "a:b" }, '.port "a:b" is not [ip:]hostPort:containerPort[/tcp|udp]'],
    ["a number too large", { port: "70000" }, '.port "70000:70000": a port is a number from 1 to 65535'],
  ])("refuses %s", (_, part, problem) => refused(part, problem));

  it("refuses one host's address for several", () =>
    refused(
      { host: undefined, hosts: ["10.0.0.5", "10.0.0.6"], port: "10.0.0.5:5432:5432" },
      ".port 10.0.0.5 belongs to one host, but the accessory runs on 10.0.0.5, 10.0.0.6: define an accessory for each host",
    ));
});

describe("hosts", () => {
  const servers = {
    web: { hosts: { "web-2": "203.0.113.12", "web-1": { address: "203.0.113.11", tags: "eu" } } },
    jobs: { hosts: { "jobs-1": { address: "203.0.113.13", tags: ["eu", "slow"] } } },
  };
  const env = { tags: { eu: { REGION: "eu" }, slow: { A: "1" }, e: { B: "1" } } };
  const place = { servers, env };
  const hosts = (part: Section, root: Section = place) => db({ host: undefined, ...part }, root).hosts;

  it("are chosen by host, role or tag", () => {
    expect(hosts({ host: "web-1" })).toEqual(["web-1"]);
    expect(hosts({ hosts: ["web-2", "203.0.113.99"] })).toEqual(["203.0.113.99", "web-2"]);
    expect(hosts({ role: "web" })).toEqual(["web-1", "web-2"]);
    expect(hosts({ roles: ["web", "jobs"] })).toEqual(["jobs-1", "web-1", "web-2"]);
    expect(hosts({ tag: "eu" })).toEqual(["jobs-1", "web-1"]);
    expect(hosts({ tags: ["eu", "slow"] })).toEqual(["jobs-1", "web-1"]);
  });

  it("may be machines of its own, which are hosts like any other", () => {
    const config = read(
      withDb({ host: undefined, hosts: { "db-1": { address: "203.0.113.20", port: 2222, user: "ops" } } }, place),
    );
    expect(existing(config)).toContainEqual({ name: "db-1", address: "203.0.113.20", port: 2222, user: "ops" });
    expect(config.roles.flatMap((role) => role.hosts)).not.toContain("db-1");
  });
  it("may be described by the accessory and used by a role", () => {
    const config = read(withDb({ host: undefined, hosts: { "db-1": "203.0.113.20" } }, { servers: ["db-1"] }));
    expect(existing(config)).toMatchObject([{ name: "db-1", address: "203.0.113.20" }]);
  });
  it("may be servers that a role makes", () =>
    expect(hosts({ host: "web-2" }, { servers: { web: { hetzner: { count: 2 } } }, "hcloud:token": "x" })).toEqual(["web-2"]));
  it("of an accessory alone are no part of a share of hosts", () => {
    const boot = { limit: "50%" };
    expect(read(withDb({ host: "203.0.113.99" }, { ...place, boot })).boot).toEqual(read({ ...place, boot }).boot);
  });

  const KEYS = "host, hosts, role, roles, tag, tags";
  it.each<[string, Section, string]>([
    ["none", {}, ` does not say where it runs: set one of ${KEYS}`],
    ["two kinds", { host: "web-1", role: "web" }, `.role not allowed together with host: set one of ${KEYS}`],
    ["an unknown role", { role: "db" }, '.role "db" is not a role with hosts; available: jobs, web'],
    ["one of several roles", { roles: ["web", "db"] }, '.roles[1] "db" is not a role with hosts; available: jobs, web'],
    ["an unknown tag", { tag: "us" }, '.tag "us" is not the tag of any host; available: eu, slow'],
    ["a part of a tag", { tag: "e" }, '.tag "e" is not the tag of any host; available: eu, slow'],
    ["no address", { host: "203.0.113.300" }, '.host "203.0.113.300" is not an address or host name'],
    ["a machine without address", { hosts: { "db-1": {} } }, ".hosts.db-1.address is required"],
    [
      "tags of a machine",
      { hosts: { "db-1": { address: HOST, tags: "eu" } } },
      ".hosts.db-1.tags not allowed here: put tags on a role's hosts",
    ],
    ["an empty list", { hosts: {} }, ".hosts no hosts"],
  ])("refuses %s", (_, part, problem) => {
    refused({ host: undefined, ...part }, problem, place);
  });
  it("judges no role where the servers cannot be read", () =>
    expect(problems(withDb({ host: undefined, role: "x" }, { servers: "x" }))).toEqual([
      "slipway:servers should be a list or a map",
    ]));
});

describe("registry", () => {
  const registry = { server: "ghcr.io", username: "me", password: ["LOGIN"] };
  const login = { server: "ghcr.io", username: "me", password: "token" };

  it("is the root's for an image of that server, and for no other", () => {
    expect(db({ image: "ghcr.io/acme/postgres" }, { registry }).registry).toEqual(login);
    expect(db({}, { registry }).registry).toBeUndefined();
    expect(db({}, { registry: { ...registry, server: "index.docker.io" } }).registry).toMatchObject({ password: "token" });
  });
  it("is its own, which an image without one is in", () => {
    expect(db({ image: "acme/postgres:1", registry })).toMatchObject({ image: "ghcr.io/acme/postgres:1", registry: login });
    expect(db({ image: "quay.io/acme/postgres:1", registry })).toMatchObject({ image: "quay.io/acme/postgres:1" });
  });
  it("takes a password by name alone", () => {
    refused(
      { registry: { ...registry, password: "plain text" } },
      `.registry.password is in plain text; store it encrypted: ${set("REGISTRY_PASSWORD")} and write [REGISTRY_PASSWORD] here`,
    );
    refused({ registry: { ...registry, password: undefined } }, ".registry.password is required: [NAME] of a secret");
  });
  it("keeps encrypted values out of what previews show", () =>
    expect(problems(withDb({}), { sealed: ["secrets", "accessories"] })[0]).toContain(
      "slipway:accessories contains a secret but is shown in previews: move the secret to slipway:secrets",
    ));
});

describe("files", () => {
  const PROJECT = {
    "db/plain.conf": `a = $1 \${NOT_OURS}\n`,
    "db/app.tmpl": `user = \${POSTGRES_USER}\npassword = \${POSTGRES_PASSWORD}\nliteral = $\${HOME}\n`,
    "db/wrong.tmpl": `\${NOPE} \${HOME:-other programs'}`,
    "db/old.erb": "<%= 1 %>",
    "large.bin": "x".repeat(2 ** 20 + 1),
  };
  const ENV = { clear: { POSTGRES_USER: "app" }, secret: ["POSTGRES_PASSWORD"] };
  const project = (files: unknown, part: Section = {}) => {
    using folder = aProject(PROJECT);
    writeFileSync(join(folder.root, "logo.png"), Buffer.from([0xff, 0xd8, 0x00]));
    return db({ env: ENV, files, ...part }, {}, { root: folder.root }).files;
  };
  const problem = (files: unknown, part: Section = {}) => {
    using folder = aProject(PROJECT);
    return problems(withDb({ env: ENV, files, ...part }), { root: folder.root }).map((line) =>
      line.replace("slipway:accessories.db.", ""),
    );
  };

  it("are read, as text where they are", () => {
    expect(project(["db/plain.conf:/etc/plain.conf", "logo.png:/logo.png:ro"])).toEqual([
      {
        path: "/etc/plain.conf",
        mode: 0o644,
        owner: undefined,
        template: false,
        content: PROJECT["db/plain.conf"],
        encoding: "utf8",
      },
      { path: "/logo.png", mode: 0o644, owner: undefined, template: false, content: "/9gA", encoding: "base64" },
    ]);
  });
  it("have a mode and an owner", () =>
    expect(project([{ local: "db/plain.conf", remote: "/a", mode: "0600", owner: "postgres:999" }])).toMatchObject([
      { mode: 0o600, owner: "postgres:999" },
    ]));
  it("are templates by their name, or where that is written", () => {
    expect(project(["db/app.tmpl:/a"])).toMatchObject([{ template: true, content: PROJECT["db/app.tmpl"] }]);
    expect(project([{ local: "db/wrong.tmpl", remote: "/a", template: false }])).toMatchObject([{ template: false }]);
  });

  it.each<[string, unknown, string]>([
    ["one that is missing", ["nope:/a"], 'files[0] the project has no file "nope"'],
    ["a folder", ["db:/a"], 'files[0] "db" is a folder: list its files'],
    ["one outside", ["../x:/a"], 'files[0] "../x" is outside the project'],
    ["a large one", ["large.bin:/a"], 'files[0] "large.bin" is larger than 1 MiB: add it to the image, or mount a folder'],
    ["no target", ["db/plain.conf"], 'files[0] "db/plain.conf" is not local:remote; for mode and owner use a map'],
    ["a relative target", ["db/plain.conf:etc/a"], 'files[0] "etc/a" should be the absolute path of a file in the container'],
    ["a folder as target", ["db/plain.conf:/etc/"], 'files[0] "/etc/" should be the absolute path of a file in the container'],
    ["two at one path", ["db/plain.conf:/a", "db/app.tmpl:/a"], 'files[1] "/a" is written twice'],
    ["a map without a target", [{ local: "db/plain.conf" }], "files[0].remote is required"],
    [
      "a mode that YAML has read",
      [{ local: "db/plain.conf", remote: "/a", mode: 420 }],
      "files[0].mode should be text: write it in quotes",
    ],
    [
      "a mode that is none",
      [{ local: "db/plain.conf", remote: "/a", mode: "0888" }],
      'files[0].mode "0888" is not a mode: write "0640"',
    ],
    [
      "an owner that is none",
      [{ local: "db/plain.conf", remote: "/a", owner: "a b" }],
      'files[0].owner "a b" is not user or user:group, by name or number',
    ],
    ["ERB", ["db/old.erb:/a"], `files[0] "db/old.erb": ERB is not supported: name it .tmpl and write \${NAME} for values of env`],
  ])("refuses %s", (_, files, told) => expect(problem(files)).toEqual([told]));
  it("refuses what a template could not be filled with", () =>
    expect(problem(["db/wrong.tmpl:/a"])).toEqual([
      `files[0] \${NOPE} in it is not in the accessory's env; for a literal one write $\${NOPE}`,
    ]));
  it("refuses them where nothing can be written", () =>
    expect(problem(["db/plain.conf:/a"], { options: { read_only: true } })).toEqual([
      "files not allowed with options.read_only, which lets no file into the container: mount a folder with volumes",
    ]));
});

describe("directories and volumes", () => {
  it("are folders of the host", () =>
    expect(
      db({ directories: ["data/:/data/", "./a/../b:/b", { local: "/srv/c/", remote: "/c", mode: "0700", owner: 999 }] })
        .directories,
    ).toEqual([
      { source: "data", target: "/data", mode: undefined, owner: undefined },
      { source: "b", target: "/b", mode: undefined, owner: undefined },
      { source: "/srv/c", target: "/c", mode: 0o700, owner: "999" },
    ]));
  it("are volumes as the app has them", () =>
    expect(db({ volumes: ["shop-db:/data:ro"] }).mounts).toEqual([{ source: "shop-db", target: "/data", readOnly: true }]));
  it.each<[string, Section, string]>([
    ["no target", { directories: ["data"] }, '.directories[0] "data" is not local:remote; for more, use volumes or a map'],
    [
      "options",
      { directories: ["data:/a:ro"] },
      '.directories[0] "data:/a:ro" is not local:remote; for more, use volumes or a map',
    ],
    [
      "a way out",
      { directories: ["../a:/a"] },
      '.directories[0] "../a" should be a folder below the accessory\'s folder, or an absolute path',
    ],
    ["a home", { directories: ["~/a:/a"] }, '.directories[0] "~/a": remove the ~: a relative path is already below the home'],
    [
      "all of the host",
      { directories: ["/:/a"] },
      ".directories[0] should be a folder, not the root of the host: use volumes for that",
    ],
    ["a relative target", { directories: ["a:b"] }, '.directories[0] "b" should be an absolute path in the container'],
    ["one target twice", { directories: ["a:/a", "b:/a/"] }, '.directories[1] "/a" is already mounted'],
    ["a volume's target", { directories: ["a:/a"], volumes: ["vol:/a"] }, '.directories[0] "/a" is already mounted'],
    [
      "the deletion of a folder at the root",
      { directories: ["/srv:/a"], data: "delete" },
      '.directories[0] data: delete would delete "/srv": use a folder below it',
    ],
    ["a map without a source", { directories: [{ remote: "/a" }] }, ".directories[0].local is required"],
  ])("refuse %s", (_, part, problem) => refused(part, problem));
});

describe("clashes", () => {
  const both = (a: Section, b: Section, root: Section = {}): string[] =>
    problems({
      ...root,
      accessories: { a: { image: "acme/a", host: HOST, ...a }, b: { image: "acme/b", host: HOST, ...b } },
    });

  it("of ports are refused, between accessories, with roles and with the proxy", () => {
    expect(both({ port: 5432 }, { port: "10.0.0.1:5432:1" })).toEqual([]);
    expect(both({ port: 5432 }, { port: "5432:1" })).toEqual([
      `slipway:accessories.b.port port 5432/tcp on ${HOST} is already published by the accessory a`,
    ]);
    expect(both({ port: 25 }, {}, { servers: { web: [HOST], mail: { hosts: [HOST], options: { publish: "25:25" } } } })).toEqual([
      `slipway:accessories.a.port port 25/tcp on ${HOST} is already published by the role mail`,
    ]);
    expect(both({ port: 80 }, {})).toEqual([`slipway:accessories.a.port port 80/tcp on ${HOST} is used by the proxy`]);
    expect(both({ host: "203.0.113.99", port: 80 }, {})).toEqual([]);
  });
  it("of routes are refused", () => {
    const host = "search.example.com";
    expect(both({ proxy: { host } }, { proxy: { host } }, { proxy: { host: "shop.example.com" } })).toEqual([
      `slipway:accessories.b.proxy ${host} on ${HOST} is already routed to the accessory a: use a different host or path_prefix`,
    ]);
    expect(both({ proxy: {} }, {})).toEqual([
      `slipway:accessories.a.proxy every host name on ${HOST} is already routed to the role web: use a different host or path_prefix`,
    ]);
  });
  it("of names are refused", () => {
    const named = (names: string[], root: Section = {}) =>
      problems({ ...root, accessories: Object.fromEntries(names.map((name) => [name, { image: "acme/a", host: HOST }])) }).map(
        (line) => line.replace("slipway:accessories", ""),
      );
    expect(named(["web"])).toEqual([
      ".web its container shop-web-production has the name of the role web: choose a different name",
    ]);
    expect(named(["schedule"])).toEqual([
      ".schedule its container shop-schedule-production has the name of backups and jobs: choose a different name",
    ]);
    expect(named(["db", "db-next"], { destination: "none" })).toEqual([
      ".db-next its container shop-db-next has a name that db needs: choose a different name",
    ]);
    expect(named(["db", "db-next"])).toEqual([]);
    expect(named(["proxy"], { service: "kamal", destination: "none" })).toEqual([
      ".proxy its container kamal-proxy has the name of the proxy: choose a different name",
    ]);
    expect(named(["-db"])[0]).toContain("cannot name an accessory: use letters, digits, - and _");
  });
  it("of one certificate on several hosts are refused", () =>
    expect(
      both(
        { host: undefined, hosts: [HOST, "203.0.113.99"], proxy: { host: "a.example.com", ssl: true } },
        {},
        { proxy: { host: "b.example.com" } },
      )[0],
    ).toContain("slipway:accessories.a.proxy.ssl works on one host only, but a.example.com is on 2"));
});
