import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { Deployment } from "../../../components/deployment.ts";
import { read } from "../config/fixture.ts";
import { mocked, type Registered, type Request } from "./fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const HOST_KEY = { publicKey: "ssh-ed25519 AAAAhost", privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END" };

let registered: readonly Registered[] = [];
const asked = new Map<string, Request>();
interface Outputs {
  readonly urls: string[];
  readonly servers: Record<string, object>;
  readonly loadBalancers: Record<string, string>;
}
let outputs: Outputs;

const idOf = (type: string, name: string): string =>
  `${[...`${type}${name}`].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)}`;
const inputsOf = (type: string, name: string): Record<string, unknown> => {
  const found = registered.find((one) => one.type.endsWith(type) && one.name === name);
  if (found === undefined)
    throw new Error(`no ${type} ${name}, only ${registered.map((one) => `${one.type} ${one.name}`).join("\n")}`);
  return found.inputs;
};
const numberOf = (type: string, name: string) =>
  Number(idOf(registered.find((one) => one.type.endsWith(type))?.type ?? "", name));
const request = (type: string, name: string): Request => {
  const found = asked.get(`${type} ${name}`);
  if (found === undefined) throw new Error(`${type} ${name} was not asked for`);
  return found;
};
const needs = (type: string, name: string): string[] =>
  request(type, name)
    .getDependenciesList()
    .map((urn) => urn.split("::").slice(-2).join(" ").split("$").at(-1) ?? "");

/** What Hetzner, and our own provider of host keys, would give back. */
function madeBy(type: string, name: string): Record<string, unknown> {
  if (type.endsWith(":HostKey")) return HOST_KEY;
  if (type.endsWith("server:Server")) return { ipv4Address: `192.0.2.${name.at(-1)}` };
  return type.endsWith(":LoadBalancer") ? { ipv4: "192.0.2.99" } : {};
}

beforeAll(async () => {
  const program = await mocked(({ type, name }) => ({ id: idOf(type, name), outputs: madeBy(type, name) }));
  registered = program.registered;
  const config = read({
    firewall: { allow: [{ port: 5432, from: ["10.1.0.0/16"] }] },
    servers: {
      web: {
        hetzner: {
          count: 2,
          type: "cax11",
          network: "10.0.0.0/16",
          volumes: { data: 50, tmp: { size: 10, delete: true } },
          primary_ip: true,
          backups: true,
          protect: true,
          labels: { team: "checkout" },
          load_balancer: { tls: "managed" },
        },
      },
      jobs: { hetzner: { location: "ash", network: "10.0.0.0/16", placement: "anywhere" }, cmd: "bin/jobs" },
    },
    hetzner: { ssh_keys: [KEY], ssh_from: ["198.51.100.0/24"], dns_zone: "shop.example" },
    proxy: { host: "www.shop.example", app_port: 3000, healthcheck: { path: "/healthz" } },
    ssh: { user: "deploy" },
  });
  const { urls, servers, loadBalancers } = new Deployment(config, Promise.resolve({ image: DIGEST, canary: undefined }));
  outputs = await new Promise((resolve) => pulumi.output({ urls, servers, loadBalancers }).apply(resolve));
  const last = [
    "LoadBalancerTarget web-1",
    "LoadBalancerTarget web-2",
    "ZoneRrset www.shop.example",
    "VolumeAttachment web-2-tmp",
  ];
  const known = () => registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
  await vi.waitFor(() => expect(known()).toEqual(expect.arrayContaining(last)));
  for (const made of program.requests()) asked.set(`${made.getType()} ${made.getName()}`, made);
});

describe("a deployment with servers at Hetzner", () => {
  it("makes each server with all that decides it", () => {
    const { userData: _sealed, ...inputs } = inputsOf("server:Server", "web-1");
    expect(inputs).toEqual({
      name: "shop-production-web-1",
      serverType: "cax11",
      image: "debian-13",
      location: "fsn1",
      backups: true,
      keepDisk: true,
      labels: { service: "shop", destination: "production", managed_by: "slipway", team: "checkout", role: "web" },
      sshKeys: [idOf("hcloud:index/sshKey:SshKey", "shop-production-1")],
      firewallIds: [numberOf("firewall:Firewall", "shop-production")],
      publicNets: [{ ipv4Enabled: true, ipv6Enabled: true, ipv4: numberOf("primaryIp:PrimaryIp", "web-1") }],
      networks: [{ networkId: numberOf("network:Network", "shop-production-10-0-0-0-16") }],
      placementGroupId: numberOf("placementGroup:PlacementGroup", "shop-production-web"),
      shutdownBeforeDeletion: true,
      deleteProtection: true,
      rebuildProtection: true,
    });
    expect(inputsOf("server:Server", "jobs-1")).toMatchObject({ location: "ash", serverType: "cx23" });
    expect(inputsOf("server:Server", "jobs-1")).not.toHaveProperty("placementGroupId");
  });

  it("gives the machine its host key and its user before it is born, as a secret", () => {
    const sealed = inputsOf("server:Server", "web-1").userData as { value: string };
    expect(Object.keys(sealed)).toContain("4dabf18193072939515e22adb298388d");
    expect(sealed.value).toMatch(/^#cloud-config\n/);
    expect(parse(sealed.value)).toEqual({
      ssh_deletekeys: true,
      ssh_keys: { ed25519_private: `${HOST_KEY.privateKey}\n`, ed25519_public: HOST_KEY.publicKey },
      ssh_pwauth: false,
      disable_root: false,
      users: [
        { name: "deploy", shell: "/bin/bash", sudo: "ALL=(ALL) NOPASSWD:ALL", lock_passwd: true, ssh_authorized_keys: [KEY] },
      ],
    });
    expect(request("pulumi-nodejs:dynamic/slipway:HostKey", "web-1-host-key").getAdditionalsecretoutputsList()).toEqual([
      "privateKey",
    ]);
  });

  it("never replaces a running server for a creation-only property, nor deletes a protected one", () => {
    const server = request("hcloud:index/server:Server", "web-1");
    expect(server.getIgnorechangesList().sort()).toEqual(["image", "placementGroupId", "sshKeys", "userData"]);
    expect([server.getProtect(), server.getDeletebeforereplace()]).toEqual([true, true]);
    expect(request("hcloud:index/server:Server", "jobs-1").getProtect()).toBe(false);
  });

  it("reaches it at its address, with that key pinned", () => {
    const { hosts } = inputsOf("slipway:Release", "shop") as { hosts: Record<string, unknown> };
    expect(hosts["web-2"]).toEqual({
      name: "web-2",
      address: "192.0.2.2",
      port: 22,
      user: "deploy",
      hostKey: HOST_KEY.publicKey,
      made: true,
    });
  });

  it("opens SSH to whom the config names, the proxy's ports to all, and what the firewall of the hosts allows", () => {
    const { rules } = inputsOf("firewall:Firewall", "shop-production") as { rules: Record<string, unknown>[] };
    expect(rules.map(({ protocol, port, sourceIps }) => [protocol, port, sourceIps])).toEqual([
      ["tcp", "22", ["198.51.100.0/24"]],
      ["tcp", "80", ["0.0.0.0/0", "::/0"]],
      ["tcp", "443", ["0.0.0.0/0", "::/0"]],
      ["tcp", "5432", ["10.1.0.0/16"]],
      ["icmp", undefined, ["0.0.0.0/0", "::/0"]],
    ]);
  });

  it("keep containers from their user-data, which has the private host key", () => {
    expect(inputsOf("slipway:Firewall", "web-1-firewall")).toMatchObject({ metadata: "closed" });
  });

  it("makes one network for all, with a subnet in each zone", () => {
    const networks = registered.filter(({ type }) => type.endsWith(":Network"));
    expect(networks.map(({ inputs }) => inputs.ipRange)).toEqual(["10.0.0.0/16"]);
    const subnets = registered.filter(({ type }) => type.endsWith(":NetworkSubnet"));
    expect(subnets.map(({ inputs }) => [inputs.networkZone, inputs.ipRange])).toEqual([
      ["eu-central", "10.0.0.0/24"],
      ["us-east", "10.0.1.0/24"],
    ]);
    expect(needs("hcloud:index/server:Server", "web-1")).toContain(
      "hcloud:index/networkSubnet:NetworkSubnet shop-production-10-0-0-0-16-eu-central",
    );
  });

  it("keeps the data of volumes unless it may go", () => {
    expect(inputsOf("volume:Volume", "web-1-data")).toMatchObject({ size: 50, format: "ext4", location: "fsn1" });
    expect(request("hcloud:index/volume:Volume", "web-1-data").getRetainondelete()).toBe(true);
    expect(request("hcloud:index/volume:Volume", "web-1-tmp").getRetainondelete()).toBe(false);
    expect(inputsOf("volumeAttachment:VolumeAttachment", "web-1-data")).toEqual({
      volumeId: numberOf("volume:Volume", "web-1-data"),
      serverId: numberOf("server:Server", "web-1"),
      automount: true,
    });
  });

  it("puts a load balancer in front that ends TLS and asks the app's path", () => {
    expect(inputsOf("loadBalancerService:LoadBalancerService", "web-https")).toEqual({
      loadBalancerId: idOf("hcloud:index/loadBalancer:LoadBalancer", "web"),
      protocol: "https",
      listenPort: 443,
      destinationPort: 80,
      proxyprotocol: false,
      http: { certificates: [numberOf("managedCertificate:ManagedCertificate", "web")], redirectHttp: true },
      healthCheck: {
        protocol: "http",
        port: 80,
        interval: 3,
        timeout: 2,
        retries: 2,
        http: { path: "/healthz", statusCodes: ["2??"], tls: false, domain: "www.shop.example" },
      },
    });
    expect(inputsOf("managedCertificate:ManagedCertificate", "web")).toMatchObject({ domainNames: ["www.shop.example"] });
    expect(outputs.urls).toEqual(["https://www.shop.example"]);
  });

  it("sends requests to a server after the release, and none before the app leaves it", () => {
    expect(inputsOf("loadBalancerTarget:LoadBalancerTarget", "web-2")).toEqual({
      type: "server",
      usePrivateIp: true,
      loadBalancerId: numberOf("loadBalancer:LoadBalancer", "web"),
      serverId: numberOf("server:Server", "web-2"),
    });
    expect(needs("hcloud:index/loadBalancerTarget:LoadBalancerTarget", "web-2")).toEqual(
      expect.arrayContaining([
        "pulumi-nodejs:dynamic/slipway:Release shop",
        "pulumi-nodejs:dynamic/slipway:Tenancy web-2-tenancy",
        "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork web",
      ]),
    );
    expect(needs("pulumi-nodejs:dynamic/slipway:Tenancy", "web-2-tenancy")).toContain(
      "pulumi-nodejs:dynamic/slipway:Proxy web-2-proxy",
    );
  });

  it("writes the app's names into the zone", () => {
    expect(inputsOf("zoneRrset:ZoneRrset", "www.shop.example")).toEqual({
      zone: "shop.example",
      name: "www",
      type: "A",
      ttl: 300,
      records: [{ value: "192.0.2.99" }],
    });
  });

  it("says where its servers and its load balancer are", () => {
    const server = (name: string, address: string) => ({
      address,
      port: 22,
      user: "deploy",
      serverId: numberOf("server:Server", name),
    });
    expect(outputs.servers).toEqual({
      "jobs-1": server("jobs-1", "192.0.2.1"),
      "web-1": server("web-1", "192.0.2.1"),
      "web-2": server("web-2", "192.0.2.2"),
    });
    expect(outputs.loadBalancers).toEqual({ web: "192.0.2.99" });
  });
});
