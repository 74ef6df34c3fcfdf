import { describe, expect, it } from "vitest";
import { existing, read, type Section } from "../fixture.ts";

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const role = (changes: Section, name = "web") => read(changes).roles.find((one) => one.name === name);
const web = (part: Section) => role({ servers: { web: { hosts: ["203.0.113.10"], ...part } } });

describe("servers", () => {
  it("puts a plain list into the role web", () =>
    expect(role({ servers: ["a.example.com", "2001:db8::1"] })?.hosts).toEqual(["a.example.com", "2001:db8::1"]));

  it("puts the primary role first and the others by name", () => {
    const servers = { b: ["a.example.com"], app: ["a.example.com"], a: ["a.example.com"] };
    expect(read({ servers, primary_role: "app" }).roles.map(({ name, primary }) => [name, primary])).toEqual([
      ["app", true],
      ["a", false],
      ["b", false],
    ]);
  });

  it("gives hosts names of their own, with what differs", () => {
    const hosts = {
      "web-1": "203.0.113.10",
      "web-2": { address: "203.0.113.11", port: 2222, user: "deploy", host_key: `${ED25519} me@laptop` },
    };
    expect(read({ servers: { web: { hosts } }, ssh: { port: 2200 } }).hosts).toEqual([
      { name: "web-1", address: "203.0.113.10", port: 2200, user: "root" },
      { name: "web-2", address: "203.0.113.11", port: 2222, user: "deploy", hostKey: ED25519 },
    ]);
  });

  it("finds a named host again in another role's list, whichever comes first", () => {
    const config = read({ servers: { jobs: ["web-1"], web: { hosts: { "web-1": "203.0.113.10" } } } });
    const { roles } = config;
    expect(existing(config).map(({ address }) => address)).toEqual(["203.0.113.10"]);
    expect(roles.map((one) => one.hosts)).toEqual([["web-1"], ["web-1"]]);
  });

  it("pins host keys by name or address", () => {
    const servers = { web: { hosts: { "web-1": "203.0.113.10", "web-2": "203.0.113.11" } } };
    const config = read({ servers, ssh: { host_keys: { "web-1": ED25519, "203.0.113.11": ED25519 } } });
    expect(existing(config).map(({ hostKey }) => hostKey)).toEqual([ED25519, ED25519]);
  });

  it.each([
    ["bin/jobs --queue 'a b'", ["bin/jobs", "--queue", "a b"]],
    [`sh -c "echo \\"x\\" && sleep 1"`, ["sh", "-c", 'echo "x" && sleep 1']],
    ["a\\ b '' --x=\"1 2\"", ["a b", "", "--x=1 2"]],
  ])("splits the command %s", (cmd, words) => expect(web({ cmd })?.command).toEqual(words));

  it("takes a command as a list", () => expect(web({ cmd: ["sh", "-c", "a && b"] })?.command).toEqual(["sh", "-c", "a && b"]));

  it("types the options", () => {
    const options = {
      memory: "512m",
      cpus: 0.5,
      restart: "on-failure:3",
      cap_add: ["NET_ADMIN"],
      cap_drop: ["ALL"],
      read_only: true,
      tmpfs: ["/tmp:size=64m", "/run"],
      user: 1000,
      workdir: "/app",
      shm_size: "1g",
      add_host: "db:10.0.0.5",
      ulimit: ["nofile=1024:2048", "core=-1"],
    };
    expect(web({ options })?.options).toEqual({
      memory: 536_870_912,
      cpus: 0.5,
      restart: { name: "on-failure", maximumRetryCount: 3 },
      capAdd: ["NET_ADMIN"],
      capDrop: ["ALL"],
      readOnly: true,
      tmpfs: { "/tmp": "size=64m", "/run": "" },
      user: "1000",
      workdir: "/app",
      shmSize: 1_073_741_824,
      addHost: ["db:10.0.0.5"],
      ulimits: [
        { name: "nofile", soft: 1024, hard: 2048 },
        { name: "core", soft: -1, hard: -1 },
      ],
    });
  });

  it("lays a role's labels over the root's", () => {
    const servers = { web: { hosts: ["a.example.com"], labels: { team: "web" } } };
    expect(role({ servers, labels: { team: "all", cost: 7 } })?.labels).toEqual({ team: "web", cost: "7" });
  });

  it("bounds the logs of drivers that write to the disk", () => {
    const logging = (root: Section) => role({ logging: root })?.logging.options;
    expect(logging({ driver: "local" })).toEqual({ "max-size": "10m" });
    expect(logging({ options: { "max-size": "1g" } })).toEqual({ "max-size": "1g" });
    expect(logging({ driver: "syslog" })).toEqual({});
    expect(role({ logging: { driver: "json-file" } })?.logging.chosen).toBe(true);
    expect(role({})?.logging).toEqual({ driver: "json-file", options: { "max-size": "10m" } });
  });

  it("stops proxied roles in Docker's time, others in the time to drain, each in its own if it says so", () => {
    const servers = { web: ["a.example.com"], jobs: ["a.example.com"], slow: { hosts: ["a.example.com"], stop_timeout: 300 } };
    const stops = (more: Section) => read({ servers, drain_timeout: 45, ...more }).roles.map(({ stopTimeout }) => stopTimeout);
    expect(stops({})).toEqual([10, 45, 300]);
    expect(stops({ stop_timeout: 20 })).toEqual([20, 20, 300]);
  });

  it("types the volumes", () => {
    expect(role({ volumes: ["/srv/shop:/data:ro,z", "uploads:/uploads"] })?.mounts).toEqual([
      { source: "/srv/shop", target: "/data", readOnly: true, relabel: "z" },
      { source: "uploads", target: "/uploads", readOnly: false },
    ]);
  });
});
