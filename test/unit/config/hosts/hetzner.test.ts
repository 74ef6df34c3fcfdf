import { describe, expect, it } from "vitest";
import { problems, read } from "../fixture.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const web = (hetzner: object, more: object = {}) => ({ servers: { web: { hetzner, ...more } } });

describe("servers at Hetzner", () => {
  it("are named after their role, and have defaults for all but their number", () => {
    const { hosts, roles } = read(web({ count: 2 }));
    const machine = {
      type: "cx23",
      location: "fsn1",
      image: "debian-13",
      network: undefined,
      labels: {},
      volumes: [],
      backups: false,
      placement: "spread",
      primaryIp: false,
      protect: false,
    };
    expect(hosts).toEqual([
      { name: "web-1", port: 22, user: "root", madeAt: "hetzner", machine },
      { name: "web-2", port: 22, user: "root", madeAt: "hetzner", machine },
    ]);
    expect(roles.map(({ hosts: names, hetzner }) => [names, hetzner?.count])).toEqual([[["web-1", "web-2"], 2]]);
  });

  it("keep their names when there are more or fewer of them", () => {
    const names = (count: number) => read(web({ count })).hosts.map(({ name }) => name);
    expect(names(1)).toEqual(["web-1"]);
    expect(names(3).slice(0, 2)).toEqual(names(2));
  });

  it("take what all of them share from the root, and what is their own from the role", () => {
    const { roles } = read({
      hetzner: { location: "nbg1", labels: { team: "checkout", tier: "a" }, volumes: { data: 20 } },
      ...web({ type: "cax21", labels: { tier: "b" }, volumes: { logs: { size: 10, delete: true } } }),
    });
    expect(roles[0]?.hetzner).toMatchObject({
      type: "cax21",
      location: "nbg1",
      labels: { team: "checkout", tier: "b" },
      placement: "spread",
      volumes: [
        { name: "data", size: 20, delete: false },
        { name: "logs", size: 10, delete: true },
      ],
    });
  });

  it("may be hosts of other roles, too", () => {
    const { roles } = read({ servers: { web: { hetzner: { count: 2 } }, jobs: { hosts: ["web-2"], cmd: "bin/jobs" } } });
    expect(roles.map(({ name, hosts }) => [name, hosts])).toEqual([
      ["web", ["web-1", "web-2"]],
      ["jobs", ["web-2"]],
    ]);
  });

  it.each([
    [{ ssl: true, host: "shop.example" }, true, { type: "lb11", tls: "passthrough" }, 1],
    [{ host: "shop.example" }, { tls: "managed", type: "lb21" }, { type: "lb21", tls: "managed" }, 2],
    [{}, true, { type: "lb11", tls: "off" }, 2],
    [{}, false, undefined, 2],
  ])("behind a load balancer: %j %j", (proxy, load_balancer, balancer, count) => {
    const { roles } = read({ proxy, ...web({ count, load_balancer }) });
    expect(roles[0]?.hetzner?.balancer).toEqual(balancer);
  });

  it("are refused with all that is wrong at once", () => {
    expect(
      problems({
        servers: {
          web: { hetzner: { count: 2, network: "10.0.0.0/24", load_balancer: { tls: "managed" } }, hosts: ["203.0.113.1"] },
          jobs: { hetzner: { load_balancer: true, volumes: { data: {} } }, cmd: "bin/jobs" },
          more: { hosts: { "web-1": "203.0.113.9" } },
        },
        hetzner: { ssh_from: ["198.51.100.0/24", "10.0.0.1", "::/200"], ssh_keys: [KEY, "-----BEGIN"] },
      }),
    ).toEqual([
      "slipway:servers.web.hetzner not allowed together with hosts: use one of the two, or another role",
      'slipway:servers.web.hetzner.network "10.0.0.0/24" is not an IPv4 range of /22 or larger: 10.0.0.0/16',
      "slipway:servers.jobs.hetzner.volumes.data.size is required",
      'slipway:servers.more.hosts.web-1 "web-1" is the name of a server that this stack creates at Hetzner',
      "slipway:servers.web.hetzner.load_balancer.tls a certificate needs a host name: set proxy.host",
      "slipway:servers.jobs.hetzner.load_balancer not allowed: the role is not proxied",
      'slipway:hetzner.ssh_from[1] "10.0.0.1" is not an address range: 198.51.100.0/24',
      'slipway:hetzner.ssh_from[2] "::/200" is not an address range: 198.51.100.0/24',
      "slipway:hetzner.ssh_keys[1] is not a public key: ssh-ed25519 AAAA…",
    ]);
  });

  it("are refused with TLS in the wrong place", () => {
    expect(problems({ proxy: { ssl: true, host: "a.example" }, ...web({ load_balancer: { tls: "managed" } }) })).toEqual([
      "slipway:servers.web.hetzner.load_balancer.tls managed ends TLS at the load balancer: remove proxy.ssl",
    ]);
    expect(problems(web({ load_balancer: { tls: "passthrough" } }))).toEqual([
      "slipway:servers.web.hetzner.load_balancer.tls passthrough needs TLS at kamal-proxy: set proxy.ssl",
    ]);
    expect(problems(web({ count: 2, load_balancer: true }, { proxy: { ssl: true, host: "a.example" } }))[0]).toContain(
      "works on one host only",
    );
  });
});

describe("setup and hooks", () => {
  it("are one command or several", () => {
    const { roles, hooks } = read({
      servers: { web: { hosts: ["203.0.113.10"], setup: "sysctl -w vm.swappiness=10" } },
      hooks: { pre_deploy: ["./a", "./b"], post_deploy: "./c" },
    });
    expect(roles[0]?.setup).toEqual(["sysctl -w vm.swappiness=10"]);
    expect(hooks).toMatchObject({
      pre_deploy: { run: { commands: ["./a", "./b"] } },
      post_deploy: { run: { commands: ["./c"] } },
    });
  });
});
