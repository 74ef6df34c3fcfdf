import { describe, expect, it } from "vitest";
import { existing, problems, read, type Section } from "../fixture.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const pins = (servers: unknown, ...names: string[]): Section => ({ servers, ssh: { host_keys: pinned(...names) } });
const pinned = (...names: string[]): Section => Object.fromEntries(names.map((name) => [name, KEY]));

describe("one machine in two spellings", () => {
  it.each([
    ["2001:db8::10", "2001:db8:0::10"],
    ["web.example.com", "Web.example.com"],
    ["203.0.113.10", "::ffff:203.0.113.10"],
  ])("is refused: %s and %s", (one, other) => {
    expect(problems({ servers: [one, other] })).toEqual([
      `slipway:servers[1] is the same machine as "${one}": use one name for it`,
    ]);
  });
  it("has its port once", () => {
    const publish = ["[2001:db8::10]:53:53", "[2001:DB8:0::10]:53:53"];
    expect(problems({ servers: { web: { hosts: ["2001:db8::10"], options: { publish } } } })).toEqual([
      "slipway:servers.web.options.publish the host port 53/tcp is published twice",
    ]);
    expect(problems({ proxy: { run: { bind_ips: ["2001:db8::10", "2001:db8:0::10"] } } })).toEqual([
      'slipway:proxy.run.bind_ips[1] "2001:db8:0::10" is listed twice',
    ]);
  });
  it("has its pinned key", () => {
    expect(existing(read(pins(["2001:db8::10"], "2001:db8:0::10")))[0]?.hostKey).toBe(KEY);
    expect(existing(read(pins(["web.example.com"], "Web.example.com")))[0]?.hostKey).toBe(KEY);
  });
});

describe("a pinned key of no host", () => {
  it("is refused while a host has none, which it may be meant for", () => {
    expect(problems(pins(["203.0.113.10"], "203.0.113.11"))).toEqual([
      'slipway:ssh.host_keys["203.0.113.11"] is no host of this stack, and 203.0.113.10 has no pinned key',
    ]);
    expect(problems(pins(["203.0.113.10"], "[203.0.113.10]:2222"))).toEqual([
      'slipway:ssh.host_keys["[203.0.113.10]:2222"] is no host of this stack, and 203.0.113.10 has no pinned key',
    ]);
  });
  it("is that of another stack if all hosts have theirs", () =>
    expect(problems(pins(["203.0.113.10"], "203.0.113.10", "203.0.113.11"))).toEqual([]));
  it("is not that of the jump host", () => {
    const ssh = { proxy: "root@Bastion.example.com", host_keys: pinned("bastion.example.com") };
    expect(problems({ servers: ["203.0.113.10"], ssh })).toEqual([]);
  });
});

describe("brackets around IPv6", () => {
  it.each<[Section, string]>([
    [{ servers: ["[2001:db8::10]"] }, 'servers[0] "[2001:db8::10]" is not an address or host name; write it without brackets'],
    [
      { proxy: { run: { bind_ips: ["[2001:db8::10]"] } } },
      'proxy.run.bind_ips[0] "[2001:db8::10]" is not an IP address; write it without brackets',
    ],
    [{ ssh: { proxy: "root@2001:db8::1" } }, "ssh.proxy is not user@host:port; write an IPv6 address in brackets"],
  ])("%j", (config, line) => expect(problems(config)).toEqual([`slipway:${line}`]));
});

describe("the port of SSH", () => {
  const publish = (ports: string[], root: Section = {}) =>
    problems({ ...root, servers: { web: { hosts: ["203.0.113.10"], options: { publish: ports } } } });
  it("is not published", () => {
    const line = "slipway:servers.web.options.publish port 22/tcp on 203.0.113.10 is used by SSH";
    expect(publish(["0.0.0.0:22:22"])).toEqual([line]);
    expect(publish(["22:2222"])).toEqual([line]);
    expect(publish(["22:22/udp"])).toEqual([]);
    expect(publish(["22:22"], { ssh: { port: 2222 } })).toEqual([]);
  });
  it("is not that of the proxy", () =>
    expect(problems({ proxy: { run: { http_port: 22 } } })).toEqual([
      "slipway:proxy.run port 22/tcp on 203.0.113.10 is used by SSH",
    ]));
});
