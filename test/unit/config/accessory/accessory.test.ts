import { describe, expect, it } from "vitest";
import { Directory } from "../../../../core/accessory/directory.ts";
import { AccessoryFile } from "../../../../core/accessory/file.ts";
import { AccessoryInputs } from "../../../../providers/accessory/inputs.ts";
import { aProject, problems, read, type Section } from "../fixture.ts";

import { db, HOST, refused, set, withDb } from "./fixture.ts";

describe("an accessory", () => {
  it("is complete with defaults", () => {
    expect(db()).toEqual({
      name: "db",
      container: "shop-db-production",
      hosts: [HOST],
      image: "postgres:16.4",
      registry: undefined,
      startEmpty: false,
      protect: false,
      preset: "postgres",
      command: undefined,
      containerPort: 5432,
      publish: undefined,
      morePorts: [],
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

  it("is named without a destination if the stack has none", () =>
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
    [
      "a name that no container can have",
      { service: "shop db" },
      '.service "shop db" is not a valid name of a container: use letters, digits, - and _, and begin with a letter or digit',
    ],
    ["tags of env", { env: { tags: {} } }, ".env.tags tags are only allowed in slipway:env"],
    ["a secret that is not set", { env: { secret: ["NOPE"] } }, `.env.secret[0] NOPE is not set: ${set("NOPE")}`],
    [
      "a public port among its options",
      { options: { publish: ["1:1", "0.0.0.0:2:2"] } },
      '.options.publish "0.0.0.0:2" is reachable from outside: add public: true, or use a private address',
    ],
    [
      "its own port among its options",
      { port: 5432, options: { publish: "5432:5433" } },
      ".options.publish the host port 5432/tcp is that of port already",
    ],
    [
      "a label of ours",
      { labels: { service: "x" } },
      ".labels.service reserved: Slipway finds its containers by service, role, destination and slipway.*",
    ],
    ["a shell", { cmd: "a | b" }, ".cmd it is not run by a shell, so | is not supported: write sh -c '…' around it"],
    ["an unknown preset", { preset: "oracle" }, ".preset should be postgres or mysql or mariadb or redis or valkey or none"],
    [
      "Docker's own network",
      { network: "host" },
      '.network "host" has no DNS names: use a network of its own, or set port to publish it',
    ],
    ["no time to boot", { boot_timeout: 0 }, ".boot_timeout should be at least 1"],
    ["anything but keep and delete", { data: "drop" }, ".data should be keep or delete"],
  ])("refuses %s", (_, part, problem) => refused(part, problem));

  it("reports all problems at once", () =>
    expect(problems(withDb({ image: undefined, host: undefined, network: "host", port: "a:b" })).length).toBe(4));
});

describe("service", () => {
  it("names the container, so that one of Kamal's is found under its name without a destination", () => {
    expect(db({}).container).toBe("shop-db-production");
    expect(db({ service: "shop-db" }).container).toBe("shop-db");
  });
});

describe("preset", () => {
  it("can differ from the image's name, or be none", () => {
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
