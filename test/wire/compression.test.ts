import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, Hosts, parseAccess } from "../../hosts/index.ts";
import { Relay } from "../../lab/relay.ts";
import { LocalSshd } from "./local-sshd.ts";

/** What Docker answers for many containers: each is nearly the one before it. */
const containers = Array.from({ length: 500 }, (_, at) => ({
  Id: `${at}`.padStart(64, "0"),
  Names: [`/stranger-${at}`],
  State: "exited",
  Labels: { "com.example.service": "shop", "com.example.role": "web" },
}));
const LIST = JSON.stringify(containers);

const docker = createServer((_, response) => response.writeHead(200, { "Content-Type": "application/json" }).end(LIST));
let sshd: LocalSshd;
let relay: Relay;
let hosts: Hosts;

beforeAll(async () => {
  docker.listen(0, "127.0.0.1");
  await once(docker, "listening");
  sshd = await LocalSshd.start({ docker: (docker.address() as AddressInfo).port });
  relay = await Relay.to({ address: "127.0.0.1", port: sshd.port });
  const access = { agent: false, config: false, known_hosts: [], key_data: [sshd.user.privateKey] };
  hosts = new Hosts(parseAccess(JSON.stringify(access), {}));
});
afterAll(async () => {
  await relay.close();
  await sshd.stop();
  docker.close();
});

const address = () => ({ name: "web-1", address: relay.address, port: relay.port, user: "deploy", hostKey: sshd.hostKey });

/** How many bytes came from the host for the list, which arrived whole. */
async function bytesOfList(host: Host): Promise<number> {
  const before = relay.traffic.down;
  const listed = await host.docker.containers({});
  expect(listed.map(({ id, name, labels }) => [id, name, labels])).toEqual(
    containers.map(({ Id, Names, Labels }) => [Id, Names[0]?.slice(1), Labels]),
  );
  await host.close();
  return relay.traffic.down - before;
}

describe("the connection to a host", () => {
  it("carries Docker's answers compressed", async () => {
    expect(await bytesOfList(hosts.at(address()))).toBeLessThan(LIST.length / 8);
  });

  it("carries what are many bytes already as it is", async () => {
    expect(await bytesOfList(hosts.apart(address()))).toBeGreaterThan(LIST.length);
  });
});
