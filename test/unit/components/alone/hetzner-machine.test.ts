import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { HetznerMachine } from "../../../../components/alone/hetzner-machine.ts";
import { Server } from "../../../../components/server/server.ts";
import { problemsOf } from "../../config/fixture.ts";
import { later, type Mocked, mocked, needsOf, seen } from "../fixture.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const HOST_KEY = { publicKey: "ssh-ed25519 AAAAhost", privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END" };
const IDS: Readonly<Record<string, string>> = {
  SshKey: "11",
  Firewall: "12",
  Server: "13",
  NetworkSubnet: "14",
  PrimaryIp: "15",
};

let program: Mocked;
let ann: hcloud.SshKey;

beforeAll(async () => {
  program = await mocked(({ type }) => {
    const noun = type.split(":").at(-1) ?? "";
    const outputs = noun === "HostKey" ? HOST_KEY : noun === "Server" ? { ipv4Address: "192.0.2.1" } : {};
    return { id: IDS[noun] ?? "1", outputs };
  });
  ann = new hcloud.SshKey("ann", { publicKey: KEY });
});
// What is still on its way would meet the mocks of the next file.
afterAll(() => pulumi.runtime.disconnect());

const inputsOf = (type: string, name: string): Promise<Record<string, unknown>> =>
  vi.waitFor(() => {
    const found = program.registered.find((one) => one.type.endsWith(type) && one.name === name);
    if (found === undefined) throw new Error(`${type} ${name} was not registered`);
    return found.inputs;
  });

const requestOf = (type: string, name: string) =>
  program.requests().find((request) => request.getType().endsWith(type) && request.getName() === name);

describe("a machine at Hetzner", () => {
  it("is made with all that decides it, under a name that no other stack has there", async () => {
    const rules = new hcloud.Firewall("rules");
    const subnet = new hcloud.NetworkSubnet("web", {
      networkId: 7,
      type: "cloud",
      networkZone: "eu-central",
      ipRange: "10.0.0.0/24",
    });
    new HetznerMachine("web-1", {
      type: "cax11",
      location: "nbg1",
      sshKeys: [ann],
      firewalls: [rules],
      subnet,
      labels: { team: "checkout" },
      volumes: { data: 50 },
      primaryIp: true,
      backups: true,
      protect: true,
    });
    const { userData: _sealed, ...inputs } = await inputsOf("server:Server", "web-1");
    expect(inputs).toEqual({
      name: "slipway-production-web-1",
      serverType: "cax11",
      image: "debian-13",
      location: "nbg1",
      backups: true,
      keepDisk: true,
      labels: { managed_by: "slipway", project: "slipway", stack: "production", team: "checkout" },
      sshKeys: ["11"],
      firewallIds: [12],
      networks: [{ networkId: 7 }],
      publicNets: [{ ipv4Enabled: true, ipv6Enabled: true, ipv4: 15 }],
      shutdownBeforeDeletion: true,
      deleteProtection: true,
      rebuildProtection: true,
    });
    expect(needsOf(requestOf("server:Server", "web-1"))).toContain("web");
    expect(requestOf("server:Server", "web-1")?.getProtect()).toBe(true);
    expect(await inputsOf("volume:Volume", "web-1-data")).toMatchObject({ name: "slipway-production-web-1-data", size: 50 });
  });

  it("gets its host key, its user and its keys by user-data, as a secret", async () => {
    new HetznerMachine("web-2", { sshKeys: [ann], user: "deploy" });
    const { userData } = (await inputsOf("server:Server", "web-2")) as { userData: { value: string } };
    expect(Object.keys(userData)).toContain("4dabf18193072939515e22adb298388d");
    expect(parse(userData.value)).toMatchObject({
      ssh_keys: { ed25519_private: `${HOST_KEY.privateKey}\n`, ed25519_public: HOST_KEY.publicKey },
      users: [{ name: "deploy", ssh_authorized_keys: [KEY] }],
    });
  });

  it("goes into a Server, whose firewall keeps containers from that user-data", async () => {
    const { connection, serverId } = new HetznerMachine("web-3", { sshKeys: [ann], port: 2222 });
    const web = new Server("web-3", { ...connection, firewall: true });
    expect(await seen(web.address)).toEqual({ value: "192.0.2.1", isSecret: false });
    expect(await seen(serverId)).toEqual({ value: 13, isSecret: false });
    expect(await inputsOf(":Firewall", "web-3-firewall")).toMatchObject({
      host: { name: "web-3", address: "192.0.2.1", port: 2222, user: "root", hostKey: HOST_KEY.publicKey },
      metadata: "closed",
    });
    expect(await inputsOf(":DockerEngine", "web-3-docker")).toMatchObject({ patience: 600 });
    new Server("elsewhere", { address: "203.0.113.1", firewall: true });
    expect(await inputsOf(":Firewall", "elsewhere-firewall")).not.toHaveProperty("metadata");
  });
});

describe("a machine at Hetzner is refused", () => {
  it("with the messages of a stack's file, by its own arguments", () => {
    const args = { sshKeys: [ann], location: "moon", volumes: { data: 5 }, network: "10.0.0.0/16" };
    const places = problemsOf(() => new HetznerMachine("web 1", args as never)).map((problem) => problem.split(" ")[0]);
    expect(places.sort()).toEqual(["location", "name", "network", "volumes.data"]);
    expect(() => new HetznerMachine("web-1", { sshKeys: [ann], location: "moon" as "nbg1" })).toThrow(
      /^the arguments of the machine web-1: 1 problem\n {2}location /,
    );
  });

  it("without a key that may log in", () => {
    expect(() => new HetznerMachine("keyless", { sshKeys: [] })).toThrow("the machine keyless has no key that may log in");
  });

  it("for an output that has to be known", () => {
    expect(problemsOf(() => new HetznerMachine("web-1", { sshKeys: [ann], type: later() as unknown as string }))).toEqual([
      "type cannot be an output: it has to be known when the program runs, because it decides which resources there are; write the value itself",
    ]);
  });

  it("by the compiler, for a wrong argument", () => {
    // @ts-expect-error It is `type`.
    expect(() => new HetznerMachine("typed-1", { sshKeys: [ann], serverType: "cx23" })).toThrow("serverType");
    // @ts-expect-error There is no such place.
    expect(() => new HetznerMachine("typed-2", { sshKeys: [ann], location: "moon" })).toThrow("location");
  });
});
