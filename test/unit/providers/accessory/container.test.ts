import { describe, expect, it } from "vitest";
import type { PresetName } from "../../../../core/accessory/preset.ts";
import { fillTemplate } from "../../../../core/template.ts";
import { accessoryBody } from "../../../../providers/accessory/container.ts";
import { dataOf } from "../../../../providers/accessory/data.ts";
import { contentOf } from "../../../../providers/accessory/files.ts";
import { type DataPlaces, keptOf, lostVolumes, mountsOf } from "../../../../providers/accessory/mounts.ts";
import { ownerOf } from "../../../../providers/accessory/owner.ts";
import { canRead, type ServerVersion, versionIn } from "../../../../providers/accessory/version.ts";
import { aContainer, anAccessory, found } from "./fixture.ts";

const DB = anAccessory();
const IMAGE = `postgres@sha256:${"9".repeat(64)}`;
const DATA = "/var/lib/postgresql/data";
const HOME: DataPlaces = { folder: "/home/deploy/shop-db-production", old: [], kept: {} };

describe("the container", () => {
  const body = accessoryBody(DB, IMAGE, mountsOf(DB, [DATA], HOME));

  it("is Kamal's by its label, and ours by the others", () =>
    expect(body.Labels).toEqual({
      service: "shop-db-production",
      "slipway.accessory": "db",
      "slipway.spec": DB.spec,
      "slipway.stack": "acme/shop/production",
      "slipway.image": "postgres:16.4",
    }));

  it("has its name as host name and in its network, whatever it is called while it takes over", () => {
    expect(body.Hostname).toBe("shop-db-production");
    expect(body.NetworkingConfig).toEqual({ EndpointsConfig: { kamal: { Aliases: ["shop-db-production"] } } });
  });

  it("is not started again by Docker until it is healthy", () => expect(body.HostConfig?.RestartPolicy).toEqual({ Name: "no" }));
  it("is stopped as its server wants it", () => expect(body).toMatchObject({ StopSignal: "SIGINT", StopTimeout: 60 }));
  it("lets the config say otherwise", () => {
    const own = anAccessory({ options: { ...DB.options, stopSignal: "SIGTERM" } });
    expect(accessoryBody(own, IMAGE, []).StopSignal).toBe("SIGTERM");
  });

  it("gets its secrets as environment alone", () => {
    expect(body.Env).toEqual(["POSTGRES_USER=app", "POSTGRES_PASSWORD=s3cret"]);
    expect(JSON.stringify({ ...body, Env: [] })).not.toContain("s3cret");
  });

  it("publishes nothing unless it is declared", () => {
    expect(body.HostConfig?.PortBindings).toBeUndefined();
    const publish = [{ ip: "127.0.0.1", hostPort: 5433, containerPort: 5432, protocol: "tcp" as const }];
    expect(accessoryBody(anAccessory({ publish }), IMAGE, []).HostConfig?.PortBindings).toEqual({
      "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "5433" }],
    });
  });

  it("has that name in each of its networks, beside the others that it is given", () => {
    const options = { ...DB.options, networks: ["monitoring"], networkAliases: ["postgres"] };
    const Aliases = ["shop-db-production", "postgres"];
    expect(accessoryBody(anAccessory({ options }), IMAGE, []).NetworkingConfig).toEqual({
      EndpointsConfig: { kamal: { Aliases }, monitoring: { Aliases } },
    });
  });

  it("has no name in a network of the host", () => {
    const { Hostname, NetworkingConfig, HostConfig } = accessoryBody(anAccessory({ network: "host" }), IMAGE, []);
    expect([Hostname, NetworkingConfig, HostConfig?.NetworkMode]).toEqual([undefined, undefined, "host"]);
  });
});

const aServer = (text: string): ServerVersion => {
  const [kind, version = ""] = text.split(" ");
  return { kind: kind as PresetName, version };
};

describe("where its data is", () => {
  const VOLUME = "shop-db-production-var-lib-postgresql-data";

  it("gives every VOLUME of the image a name", () =>
    expect(mountsOf(DB, [DATA, "/cache/"], HOME).map(({ source, target }) => `${source}:${target}`)).toEqual([
      "shop-db-production-cache:/cache",
      `${VOLUME}:${DATA}`,
    ]));

  it("leaves one alone that something is mounted on", () => {
    const mounts = [{ source: "pgdata", target: DATA, readOnly: false }];
    expect(mountsOf(anAccessory({ mounts }), [`${DATA}/`], HOME)).toEqual(mounts);
    const tmpfs = anAccessory({ options: { ...DB.options, tmpfs: { [DATA]: "" } } });
    expect(mountsOf(tmpfs, [DATA], HOME)).toEqual([]);
  });

  it("goes on with the volume of the container that is replaced, an anonymous one too", () => {
    const old = [{ kind: "volume" as const, source: "a1b2".repeat(16), target: DATA }];
    expect(mountsOf(DB, [DATA], { ...HOME, old })[0]?.source).toBe("a1b2".repeat(16));
    expect(keptOf(DB, [DATA], { ...HOME, old })).toEqual({ [DATA]: "a1b2".repeat(16) });
  });

  it("remembers that one when its container is gone", () =>
    expect(mountsOf(DB, [DATA], { ...HOME, kept: { [DATA]: "abc" } })[0]?.source).toBe("abc"));

  it("has relative directories where Kamal has them, or where they are already", () => {
    const db = anAccessory({
      directories: [
        { source: "data", target: DATA },
        { source: "/srv/wal", target: "/wal" },
      ],
    });
    expect(mountsOf(db, [DATA], HOME).map(({ source }) => source)).toEqual(["/home/deploy/shop-db-production/data", "/srv/wal"]);
    const old = [
      { kind: "bind" as const, source: "/home/kamal/shop-db/data", target: DATA },
      { kind: "bind" as const, source: "/mnt/wal", target: "/wal" },
    ];
    expect(mountsOf(db, [DATA], { ...HOME, old }).map(({ source }) => source)).toEqual(["/home/kamal/shop-db/data", "/srv/wal"]);
  });

  it("sees volumes that a new one would begin without", () => {
    const mounts = mountsOf(DB, [DATA], HOME);
    expect(lostVolumes(mounts, undefined, [VOLUME])).toEqual([]);
    expect(lostVolumes(mounts, undefined, [VOLUME, "shop-db-production-other"])).toEqual(["shop-db-production-other"]);
    const old = [{ kind: "volume" as const, source: VOLUME, target: DATA }];
    expect(lostVolumes(mountsOf(DB, ["/var/lib/postgresql"], { ...HOME, old }), old, [])).toEqual([VOLUME]);
  });

  it("is not what a stranger of its name has mounted", () => {
    const main = aContainer(DB, { of: "other", mounts: [{ kind: "volume", source: "wiki", target: DATA }] });
    expect(dataOf(DB, found({ main, volumes: [] }), "")).toEqual({ volumes: [], folders: [], others: [] });
  });

  it("counts as its own what is in its own folder, and leaves what has a full path to its owner", () => {
    const db = anAccessory({
      directories: [
        { source: "conf", target: "/conf" },
        { source: "/srv/wal", target: "/wal" },
        { source: "../app", target: "/app" },
      ],
    });
    expect(dataOf(db, found({ main: aContainer(db) }), HOME.folder)).toEqual({
      volumes: [VOLUME],
      folders: ["/home/deploy/shop-db-production/conf"],
      others: ["/home/deploy/app", "/srv/wal"],
    });
  });
});

describe("files", () => {
  const file = { path: "/etc/x", mode: 0o644, template: false, content: "${A}", encoding: "utf8" as const };

  it("are as they were written, unless they are templates", () => {
    expect(contentOf(file, { A: "1" }).toString()).toBe("${A}");
    expect(contentOf({ ...file, template: true }, { A: "1" }).toString()).toBe("1");
    expect(contentOf({ ...file, content: "AP8=", encoding: "base64" }, {})).toEqual(Buffer.from([0, 255]));
  });

  it("have values of the environment in them", () => {
    expect(fillTemplate("a ${ONE} $TWO $${ONE} ${one-1}", { ONE: "1" })).toBe("a 1 $TWO ${ONE} ${one-1}");
    expect(fillTemplate("${A}", { A: "$& ${B}" })).toBe("$& ${B}");
  });

  it("are refused when a value is missing", () => expect(() => fillTemplate("${B} ${A} ${B}", {})).toThrow("no value for B, A"));

  it("belong to accounts of the container", () => {
    const accounts = { passwd: "root:x:0:0::/root:/bin/sh\npostgres:x:999:998::/:/bin/sh\n", group: "ssl-cert:x:101:postgres\n" };
    expect(ownerOf("postgres", accounts)).toEqual({ uid: 999, gid: 998 });
    expect(ownerOf("postgres:ssl-cert", accounts)).toEqual({ uid: 999, gid: 101 });
    expect(ownerOf("999", accounts)).toEqual({ uid: 999, gid: 998 });
    expect(ownerOf("70:70", accounts)).toEqual({ uid: 70, gid: 70 });
    expect(ownerOf("mysql", accounts)).toBeUndefined();
  });
});

describe("versions", () => {
  it.each<[PresetName, string, PresetName, string]>([
    ["postgres", "postgres (PostgreSQL) 16.4 (Debian 16.4-1.pgdg120+1)", "postgres", "16.4"],
    ["mysql", "mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)", "mysql", "8.4.0"],
    ["mariadb", "mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu", "mariadb", "10.11.6"],
    ["mariadb", "mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)", "mysql", "8.4.0"],
    ["redis", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ec3b9f", "redis", "7.0.15"],
    ["redis", "Valkey server v=8.0.1 sha=00000000:0", "valkey", "8.0.1"],
  ])("are what the program of %s prints: %s", (preset, printed, kind, version) =>
    expect(versionIn(preset, printed)).toEqual({ kind, version }),
  );
  it("are unknown where nothing is printed about them", () => expect(versionIn("redis", "usage: server")).toBeUndefined());

  it.each<[string, string, boolean]>([
    ["postgres 16", "postgres 16.9", true],
    ["postgres 16", "postgres 17.1", false],
    ["postgres 17", "postgres 16.4", false],
    ["mysql 8.0.36", "mysql 8.4.0", false],
    ["mysql 5.7.44", "mariadb 10.11.6", false],
    ["mariadb 11.4.2", "mysql 9.1.0", false],
    ["mariadb 10.11.6", "mariadb 11.4.2", false],
    ["redis 6.2.14", "redis 7.2.4", true],
    ["redis 7.2.4", "redis 6.2.14", false],
    ["valkey 8.0.1", "valkey 8.1.0", true],
    ["redis 7.2.4", "valkey 8.1.0", true],
    ["redis 7.4.1", "valkey 8.1.0", false],
    ["redis 8.0.2", "valkey 9.0.0", false],
    ["valkey 8.1.0", "redis 8.0.2", true],
    ["valkey 8.1.0", "redis 7.4.1", false],
    ["valkey 9.0.0", "redis 9.0.0", false],
  ])("of data of %s, %s reads it: %s", (wrote, reads, expected) =>
    expect(canRead(aServer(wrote), aServer(reads))).toBe(expected),
  );
});
