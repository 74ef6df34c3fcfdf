import { describe, expect, it } from "vitest";
import { SMALLEST, translated } from "./fixture.ts";

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
    ["    directories:\n      - data:/d:ro,z\n", { directories: ["data:/d:ro,z"] }],
    [
      "    directories:\n      - { local: data, remote: /d, mode: 750, options: z }\n",
      { directories: [{ local: "data", remote: "/d", mode: "0750", options: "z" }] },
    ],
    ["    volumes: [./data:/d:ro, ~/x:/x]\n", { volumes: ["/root/data:/d:ro", "/root/x:/x"] }],
    [
      "    options: { network: [kamal, monitoring], network-alias: postgres, userns: host, runtime: runsc }\n",
      { options: { network: ["monitoring"], network_alias: "postgres", userns: "host", runtime: "runsc" } },
    ],
    [
      "    env: { A: 1 }\n    options: { env: [B=2, DB_PASSWORD=x], label: team=a, log-driver: local, log-opt: [max-size=5m] }\n",
      {
        env: { clear: { A: 1, B: "2" }, secret: ["DB_PASSWORD"] },
        labels: { team: "a" },
        logging: { driver: "local", options: { "max-size": "5m" } },
      },
    ],
    ["    options: { link: shop-db, expose: 5432 }\n", {}],
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

  it("have all files of a folder, in its place in the container", () => {
    const files = { "config/grafana/a.yml": "a", "config/grafana/sub/b.yml": "b", "c.conf": "c" };
    const yaml = "    files:\n      - ./config/grafana:/etc/grafana:ro\n      - c.conf:/etc/c.conf\n";
    expect(stackOf(yaml, { files })).toMatchObject({
      files: [
        { local: "config/grafana/a.yml", remote: "/etc/grafana/a.yml", mode: "0755" },
        { local: "config/grafana/sub/b.yml", remote: "/etc/grafana/sub/b.yml", mode: "0755" },
        { local: "c.conf", remote: "/etc/c.conf" },
      ],
    });
    const { translation, said } = db(yaml, { files });
    expect(translation.copied.map(({ from }) => from)).toEqual(["config/grafana/a.yml", "config/grafana/sub/b.yml", "c.conf"]);
    expect(translation.findings.filter(({ to }) => to?.[2] === "files").map(({ to }) => to?.at(-1))).toEqual([0, 1, 2]);
    expect(said.join()).not.toContain("needs you");
  });

  it.each([
    ["    files:\n      - a.yml.erb:/a.yml\n", "is ERB"],
    ["    volumes: [./data:/d]\nssh: { user: deploy }\n", "write the whole path, as /home/deploy/data"],
    ["    options: { network: host }\n", "the name of its container would lead nowhere"],
    ["    options: { platform: linux/amd64 }\n", "use an image for the CPU of the host"],
    ['    options: { link: "shop-db:postgres" }\n', "write options.network_alias: postgres where shop-db is declared"],
    ["    options: { env-file: /etc/db.env }\n", "whose changes no plan would show"],
    ["    options: { env: [HOME] }\n", "is a variable of the machine that runs Docker"],
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
