import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { App } from "../../../components/app/app.ts";
import { Deployment } from "../../../components/deployment.ts";
import { hcloud } from "../../../components/hetzner/hcloud.ts";
import { Server } from "../../../components/server/server.ts";
import { read } from "../config/fixture.ts";
import { type Made, type Mocked, mocked, needsOf, type Registered, type Request } from "./fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const IMAGE = `ghcr.io/acme/shop@${DIGEST}`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const SERVER = { address: "203.0.113.10" };
const DB = { image: "postgres:17.2", env: { secret: { POSTGRES_PASSWORD: "canary" } } };

/** A resource of another package. */
class Other extends pulumi.CustomResource {
  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Other", name, {}, opts);
  }
}

/** What another team has around its app. */
class Platform extends pulumi.ComponentResource {
  constructor(opts?: pulumi.ComponentResourceOptions) {
    super("acme:Platform", "platform", {}, opts);
  }
}

const appOn = (servers: Server, opts?: pulumi.ComponentResourceOptions): App => {
  const accessories = { db: { ...DB, host: servers } };
  return new App("shop", { image: IMAGE, servers, proxy: { host: "shop.example" }, accessories }, opts);
};

/** A deployment that makes everything that Slipway makes at Hetzner. */
function atHetzner(opts: pulumi.ComponentResourceOptions): Deployment {
  const config = read({
    servers: {
      web: {
        hetzner: {
          network: "10.0.0.0/16",
          volumes: { data: 50, tmp: { size: 10, delete: true } },
          primary_ip: true,
          load_balancer: { tls: "managed" },
        },
      },
    },
    hetzner: { ssh_keys: [KEY], dns_zone: "shop.example" },
    proxy: { host: "www.shop.example", app_port: 3000 },
    accessories: { cache: { image: "redis:8.0", host: "web-1" } },
  });
  return new Deployment(config, Promise.resolve({ image: DIGEST, canary: undefined }), {}, opts);
}

const labelsOf = ({ registered }: Mocked): string[] => registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);

/** The requests of a program, once all of these are among them. */
async function requestsOf(program: Mocked, ...last: readonly string[]): Promise<readonly Request[]> {
  await vi.waitFor(() => expect(labelsOf(program)).toEqual(expect.arrayContaining([...last])));
  return program.requests();
}

const LAST = ["Release shop", "Accessory shop-db-web-1", "Proxy web-1-proxy"];
const LAST_AT_HETZNER = [
  "Accessory cache-web-1",
  "Exposure shop-exposure",
  "LoadBalancerService web-https",
  "LoadBalancerTarget web-1",
  "Tenancy web-1-tenancy",
  "VolumeAttachment web-1-tmp",
  "ZoneRrset www.shop.example",
];
/** What Hetzner, and our own provider of host keys, would give back. */
function madeAtHetzner({ type }: Registered): Made {
  if (type.endsWith(":HostKey")) return { outputs: { publicKey: KEY, privateKey: "canary" } };
  return type.startsWith("hcloud:") ? { id: "4711", outputs: { ipv4Address: "192.0.2.1", ipv4: "192.0.2.99" } } : {};
}

const isOurs = (request: Request): boolean => request.getType().startsWith("pulumi-nodejs:dynamic/slipway:");
const isHcloud = (request: Request): boolean => request.getType().startsWith("hcloud:index/");
const nameOf = (request: Request): string => request.getName();

afterEach(async () => {
  // What is still on its way would meet the mocks of the next test.
  await pulumi.runtime.disconnect();
  vi.restoreAllMocks();
});

describe("an explicit provider of hcloud", () => {
  it.each([
    ["providers", (own: pulumi.ProviderResource) => ({ providers: { hcloud: own } })],
    ["provider", (own: pulumi.ProviderResource) => ({ provider: own })],
    ["the providers of a parent", (own: pulumi.ProviderResource) => ({ parent: new Platform({ providers: [own] }) })],
  ])("reaches all parts at Hetzner, and no other, by %s", async (_, optionsWith) => {
    const program = await mocked(madeAtHetzner);
    const { Provider } = hcloud();
    atHetzner(optionsWith(new Provider("own", { token: pulumi.secret("canary") })));
    const requests = await requestsOf(program, ...LAST_AT_HETZNER);
    const kinds = new Set(requests.filter(isHcloud).map((request) => request.getType().split(":").at(-1)));
    expect([...kinds].sort()).toEqual([
      "Firewall",
      "LoadBalancer",
      "LoadBalancerNetwork",
      "LoadBalancerService",
      "LoadBalancerTarget",
      "ManagedCertificate",
      "Network",
      "NetworkSubnet",
      "PlacementGroup",
      "PrimaryIp",
      "Server",
      "SshKey",
      "Volume",
      "VolumeAttachment",
      "ZoneRrset",
    ]);
    const providerOf = (request: Request) => request.getProvider().split("::").at(-2) ?? "";
    expect(new Set(requests.filter(isHcloud).map(providerOf))).toEqual(new Set(["own"]));
    expect(new Set(requests.filter(isOurs).map(providerOf))).toEqual(new Set([""]));
  });
});

describe("protect", () => {
  it("reaches what is on a server, and an app with its accessories", async () => {
    const program = await mocked();
    appOn(new Server("web-1", SERVER, { protect: true }), { protect: true });
    const requests = await requestsOf(program, ...LAST);
    expect(requests.filter((request) => !request.getProtect()).map(nameOf)).toEqual([]);
  });

  it("reaches the servers, the load balancer and the accessories of a deployment that do not ask for it themselves", async () => {
    const program = await mocked(madeAtHetzner);
    atHetzner({ protect: true });
    const requests = await requestsOf(program, ...LAST_AT_HETZNER);
    expect(requests.filter((request) => !request.getProtect()).map(nameOf)).toEqual([]);
  });
});

describe("retainOnDelete and deletedWith", () => {
  it("are left to the engine, which passes them on where a part says nothing of its own", async () => {
    const program = await mocked(madeAtHetzner);
    const machine = new Other("machine");
    atHetzner({ retainOnDelete: true, deletedWith: machine });
    const requests = await requestsOf(program, ...LAST_AT_HETZNER);
    const deployment = requests.find((request) => request.getType() === "slipway:Deployment");
    expect([deployment?.getRetainondelete(), deployment?.getDeletedwith()]).toEqual([true, expect.stringMatching(/::machine$/)]);
    const parts = requests.filter((request) => request !== deployment);
    expect(parts.filter((request) => request.hasRetainondelete() && !request.getRetainondelete()).map(nameOf)).toEqual([]);
    expect(parts.filter((request) => request.getDeletedwith() !== "").map(nameOf)).toEqual([]);
  });
});

describe("parent", () => {
  it("puts server and app below it, which their own resources know", async () => {
    const program = await mocked();
    const parent = new Platform();
    appOn(new Server("web-1", SERVER, { parent }), { parent });
    await requestsOf(program, ...LAST);
    const urns = program.registered.flatMap(({ inputs }) => (typeof inputs.__urn === "string" ? [inputs.__urn] : []));
    const below = /::acme:Platform\$slipway:(?:App|Server)\$pulumi-nodejs:dynamic\/slipway:\w+::/;
    expect(urns.filter((urn) => !below.test(urn))).toEqual([]);
    expect(urns).toHaveLength(4);
  });
});

describe("dependsOn", () => {
  it("keeps everything of a server waiting until the other resource is made", async () => {
    let make = (): void => {};
    const made = new Promise<void>((resolve) => {
      make = resolve;
    });
    const program = await mocked(async ({ name }) => (name === "network" ? made.then(() => ({})) : {}));
    new Server("web-1", SERVER, { dependsOn: new Other("network") });
    new Other("beside");
    await requestsOf(program, "Other network", "Other beside");
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(labelsOf(program).sort()).toEqual(["Other beside", "Other network"]);
    make();
    await requestsOf(program, "Server web-1", "DockerEngine web-1-docker", "Proxy web-1-proxy");
  });

  it("on a server or an app waits for all of it", async () => {
    const program = await mocked();
    const server = new Server("web-1", SERVER);
    new Other("after-server", { dependsOn: server });
    new Other("after-app", { dependsOn: appOn(server) });
    const requests = await requestsOf(program, "Other after-server", "Other after-app");
    const needs = (name: string) => needsOf(requests.find((request) => nameOf(request) === name));
    expect(needs("after-server")).toEqual(["web-1-docker", "web-1-proxy"]);
    expect(needs("after-app")).toEqual(["shop", "shop-db-web-1"]);
  });
});

describe("transformations", () => {
  it("see every resource of a server and an app, and may change its options and inputs", async () => {
    const program = await mocked();
    const seen: string[] = [];
    const shorter: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
      seen.push(name);
      if (!type.endsWith(":Release")) return undefined;
      return { props: { ...props, drainTimeout: 5 }, opts: pulumi.mergeOptions(opts, { protect: true }) };
    };
    const parent = new Platform({ transformations: [shorter] });
    appOn(new Server("web-1", SERVER, { parent }), { parent });
    const requests = await requestsOf(program, ...LAST);
    const others = ["platform", "shop", "shop", "shop-db-web-1", "web-1", "web-1-docker", "web-1-proxy"];
    expect(seen.sort()).toEqual(others);
    expect(program.registered.find(({ type }) => type.endsWith(":Release"))?.inputs.drainTimeout).toBe(5);
    expect(requests.filter((request) => request.getProtect()).map((request) => request.getType())).toEqual([
      "pulumi-nodejs:dynamic/slipway:Release",
    ]);
  });
});
