import { expect, it } from "vitest";
import type { HostPort } from "../../../../core/container/host-port.ts";
import { portsInUse, requireFreePorts } from "../../../../providers/container/ports.ts";

const port = (hostPort: number, ip = "0.0.0.0", protocol: HostPort["protocol"] = "tcp"): HostPort => ({
  ip,
  hostPort,
  containerPort: hostPort,
  protocol,
});
const container = (name: string, hostPort: number, hostIp = "0.0.0.0", protocol = "tcp") => ({
  name,
  image: `${name}:1`,
  ports: [{ container: hostPort, protocol, hostIp, hostPort }],
});
const NONE = { tcp: [], udp: [] };
const NGINX = 'LISTEN 0 511 0.0.0.0:3000 0.0.0.0:* users:(("nginx",pid=812,fd=6))';
const LOCAL = "LISTEN 0 128 127.0.0.1:5432 0.0.0.0:*";
const IPV6 = "LISTEN 0 128 [::]:8080 [::]:*";
const BOTH = "LISTEN 0 128 *:8080 *:*";
const DNS = 'UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=7,fd=1))';

const by = (
  wanted: HostPort,
  changes: { replaced?: ReturnType<typeof container>; other?: ReturnType<typeof container>; tcp?: string[]; udp?: string[] },
) =>
  portsInUse(
    [wanted],
    changes.replaced === undefined ? [] : [changes.replaced],
    changes.other === undefined ? [] : [changes.other],
    { ...NONE, tcp: changes.tcp ?? [], udp: changes.udp ?? [] },
  ).map((found) => found.by);

it("finds the container and the process that use a port", () => {
  expect(by(port(3000), { other: container("other", 3000) })).toEqual(["the container other (other:1) publishes it"]);
  expect(by(port(3000), { tcp: [NGINX] })).toEqual(["process 812 (nginx)"]);
  expect(by(port(5432, "127.0.0.1"), { tcp: [LOCAL] })).toEqual(["a process on the host"]);
  expect(by(port(8080, "127.0.0.1"), { tcp: [BOTH] })).toEqual(["a process on the host"]);
  expect(by(port(8080, "::1"), { tcp: [IPV6] })).toEqual(["a process on the host"]);
  expect(by(port(53, "0.0.0.0", "udp"), { udp: [DNS] })).toEqual(["process 7 (systemd-resolve)"]);
});

it("does not mind the container that is replaced, for which Docker listens", () => {
  const docker = 'LISTEN 0 4096 0.0.0.0:3000 0.0.0.0:* users:(("docker-proxy",pid=99,fd=4))';
  expect(by(port(3000), { replaced: container("old", 3000), tcp: [docker] })).toEqual([]);
});

it("does not mind another address, another port or the other protocol", () => {
  expect(by(port(5432, "10.0.0.5"), { tcp: [LOCAL] })).toEqual([]);
  expect(by(port(8080), { tcp: [IPV6] })).toEqual([]);
  expect(by(port(3001), { tcp: [NGINX], other: container("other", 3000) })).toEqual([]);
  expect(by(port(3000, "0.0.0.0", "udp"), { tcp: [NGINX], other: container("other", 3000) })).toEqual([]);
});

it("asks the host once for all roles with ports, and not at all without", async () => {
  const asked: string[] = [];
  const host = {
    name: "web-1",
    run: async (argv: readonly string[]) => {
      asked.push(argv.join(" "));
      return { code: 0, stdout: argv[1] === "-Hltnp" ? NGINX : "", stderr: "" };
    },
    docker: {
      running: async () => {
        asked.push("running");
        return [];
      },
    },
  };
  const claim = (role: string, ...ports: HostPort[]) => ({ ports, isReplaced: () => false, keyOf: `slipway:servers.${role}` });
  await requireFreePorts(host, [claim("web")]);
  expect(asked).toEqual([]);
  await requireFreePorts(host, [claim("web"), claim("worker", port(3001)), claim("mail", port(25))]);
  expect(asked.sort()).toEqual(["running", "ss -Hltnp", "ss -Hlunp"]);
  const taken = requireFreePorts(host, [claim("worker", port(3001)), claim("api", port(3000))]);
  await expect(taken).rejects.toThrow(/port 3000\/tcp is in use: process 812 \(nginx\).*in slipway:servers\.api/s);
});
