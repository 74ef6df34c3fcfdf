import { expect, it } from "vitest";
import { Container, Image } from "../../../../hosts/docker/answers.ts";
import { runsAsDeclared } from "../../../../providers/accessory/runs-as-declared.ts";
import { anAccessory } from "./fixture.ts";

type Wish = Parameters<typeof anAccessory>[0];

const declared: Wish = {
  image: "postgres:16.4",
  publish: [{ ip: "127.0.0.1", hostPort: 5432, containerPort: 5432, protocol: "tcp" }],
  mounts: [{ source: "shop-data", target: "/var/lib/postgresql/data", readOnly: false }],
};

const image = Image.parse({
  Id: "sha256:1",
  RepoDigests: [],
  Architecture: "amd64",
  Os: "linux",
  Size: 1,
  Config: {
    Labels: {},
    Env: ["PATH=/usr/bin", "PG_MAJOR=16"],
    Cmd: ["postgres"],
    ExposedPorts: {},
    Volumes: { "/var/lib/postgresql/data": {} },
  },
});

/** What `docker inspect` says of the container that Kamal made of it. */
const inspected = () => ({
  Id: "1f3a",
  Name: "/shop-db",
  Image: "sha256:1",
  State: { Status: "running", Running: true },
  Mounts: [
    {
      Type: "volume",
      Name: "shop-data",
      Source: "/var/lib/docker/volumes/shop-data/_data",
      Destination: "/var/lib/postgresql/data",
      RW: true,
    },
  ],
  Config: {
    Image: "postgres:16.4",
    Env: ["KAMAL_HOST=203.0.113.10", "POSTGRES_USER=app", "POSTGRES_PASSWORD=s3cret", "PATH=/usr/bin", "PG_MAJOR=16"],
    Labels: { service: "shop-db" },
    Cmd: ["postgres"],
  },
  HostConfig: {
    RestartPolicy: { Name: "unless-stopped" },
    NetworkMode: "kamal",
    LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
    PortBindings: {},
  },
  NetworkSettings: { Networks: {}, Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "5432" }] } },
});
type Inspected = ReturnType<typeof inspected>;
type Mounted = Inspected["Mounts"][number];
type Change = (container: Inspected) => void;

const mounted =
  (changes: Partial<Mounted>): Change =>
  ({ Mounts }) => {
    Mounts.splice(0, 1, {
      Type: "volume",
      Name: "shop-data",
      Source: "",
      Destination: "/var/lib/postgresql/data",
      RW: true,
      ...changes,
    });
  };

const runs = (wish: Wish, change: Change = () => {}) => {
  const container = inspected();
  change(container);
  return runsAsDeclared(anAccessory({ ...declared, ...wish }), Container.parse(container), image, "/root/shop-db");
};

it("is so where nothing differs but the labels that Kamal does not know, and the variable that it sets itself", () => {
  expect(runs({})).toBe(true);
});

it.each<[string, Wish]>([
  ["the image", { image: "postgres:16.5" }],
  ["the command", { command: ["postgres", "-c", "fsync=on"] }],
  ["a variable", { env: { POSTGRES_USER: "root" } }],
  ["one more variable", { env: { POSTGRES_USER: "app", POSTGRES_DB: "shop" } }],
  ["a secret", { secrets: { POSTGRES_PASSWORD: "another" } }],
  ["the variable that Kamal sets", { env: { POSTGRES_USER: "app", KAMAL_HOST: "db.internal" } }],
  ["a port", { publish: [] }],
  ["a mount", { mounts: [], directories: [{ source: "data", target: "/var/lib/postgresql/data" }] }],
  ["the network", { network: "private" }],
  ["the log", { logging: { driver: "local", options: {} } }],
  ["a label", { labels: { team: "checkout" } }],
  [
    "a file, whose content is not seen",
    { files: [{ path: "/etc/a", mode: 0o644, template: false, content: "a", encoding: "utf8" }] },
  ],
])("is not so with another declaration of %s", (_case, wish) => {
  expect(runs(wish)).toBe(false);
});

it.each<[string, Change]>([
  ["a variable that is not declared", ({ Config }) => void Config.Env.push("DEBUG=1")],
  ["a variable of the image that was changed", ({ Config }) => void Config.Env.splice(3, 1, "PATH=/opt")],
  [
    "a port on all addresses",
    (it) => void it.NetworkSettings.Ports["5432/tcp"].splice(0, 1, { HostIp: "0.0.0.0", HostPort: "5432" }),
  ],
  ["a mount that only reads", mounted({ RW: false })],
  ["another volume", mounted({ Name: "f00d" })],
])("is not so with %s", (_case, change) => {
  expect(runs({}, change)).toBe(false);
});

it("is so in the further networks that are declared, if it is in them", () => {
  const options = { ...anAccessory().options, networks: ["monitoring"] };
  const isIn: Change = ({ NetworkSettings }) =>
    void Object.assign(NetworkSettings.Networks, { monitoring: { IPAddress: "172.30.0.2", GlobalIPv6Address: "" } });
  expect([runs({ options }), runs({ options }, isIn)]).toEqual([false, true]);
});

it("is so with the image's own volume beside what is declared: its data would stay where it is", () => {
  expect(runs({ mounts: [] }, mounted({ Name: "f00d" }))).toBe(true);
});

it("is so with a folder below the home of Kamal's user", () => {
  const inHome = mounted({ Type: "bind", Name: "", Source: "/root/shop-db/data" });
  expect(runs({ mounts: [], directories: [{ source: "data", target: "/var/lib/postgresql/data" }] }, inHome)).toBe(true);
});
