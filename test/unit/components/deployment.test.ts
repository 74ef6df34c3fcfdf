import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Deployment } from "../../../components/deployment.ts";
import { providerText } from "../../../components/pulumi/dynamic.ts";
import { read } from "../config/fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
/** How Pulumi marks a secret on its way to the engine. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = (value: unknown) => ({ ...SECRET, value });

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];
const named = (name: string): Registered => {
  const found = registered.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`${name} was not registered, only ${registered.map((one) => one.name)}`);
  return found;
};

let outputs: Record<"urls" | "release" | "version" | "image" | "containers" | "servers" | "loadBalancers", unknown>;

/** What each resource depends on, by name, which the mocks do not report. */
const waitsFor = new Map<string, string[]>();

function noteDependencies(request: { getName(): string; getCustom(): boolean; getDependenciesList(): string[] }): void {
  if (!request.getCustom()) return;
  const names = request.getDependenciesList().map((urn) => urn.split("::").at(-1) ?? "");
  waitsFor.set(request.getName(), names.sort());
}

beforeAll(async () => {
  const requests = vi.spyOn(MockMonitor.prototype, "registerResource");
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "slipway",
    "production",
    false,
  );
  const config = read(
    {
      servers: { web: { hosts: { "web-1": "203.0.113.10", "web-2": "203.0.113.11" } } },
      registry: { server: "ghcr.io", username: "ann", password: ["REGISTRY_PASSWORD"] },
      secrets: { REGISTRY_PASSWORD: "canary-p4ssword", STRIPE_KEY: "sk_live_canary" },
      env: { clear: { RATE_LIMIT: "10" }, secret: ["STRIPE_KEY"] },
      proxy: { host: "shop.example", app_port: 3000 },
    },
    { sealed: ["secrets"] },
  );
  const deployment = new Deployment(config, Promise.resolve({ image: DIGEST, canary: undefined }));
  const { urls, release, version, image, containers, servers, loadBalancers } = deployment;
  const all = { urls, release, version, image, containers, servers, loadBalancers };
  outputs = await new Promise((resolve) => pulumi.output(all).apply((known) => resolve(known)));
  for (const [request] of requests.mock.calls) noteDependencies(request);
});

const HOST = { address: "203.0.113.10", name: "web-1", port: 22, user: "root" };
const MADE_FROM = expect.stringMatching(/^[0-9a-f]{64}$/);
const RELEASE = /^1\.4\.2-[0-9a-f]{8}$/;

describe("the resources of a web role on two hosts behind a private registry", () => {
  it("are these", () => {
    expect(registered.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "pulumi-nodejs:dynamic/slipway:DockerEngine web-1-docker",
      "pulumi-nodejs:dynamic/slipway:DockerEngine web-2-docker",
      "pulumi-nodejs:dynamic/slipway:Proxy web-1-proxy",
      "pulumi-nodejs:dynamic/slipway:Proxy web-2-proxy",
      "pulumi-nodejs:dynamic/slipway:RegistryLogin web-1-registry",
      "pulumi-nodejs:dynamic/slipway:RegistryLogin web-2-registry",
      "pulumi-nodejs:dynamic/slipway:Release shop",
      "slipway:Deployment shop",
      "slipway:Server web-1",
      "slipway:Server web-2",
    ]);
  });

  it("log in with user and password as secrets", () => {
    expect(named("web-1-registry").inputs).toEqual({
      schema: 1,
      host: HOST,
      server: "ghcr.io",
      username: secret("ann"),
      password: secret("canary-p4ssword"),
      __urn: expect.stringMatching(/slipway:RegistryLogin::web-1-registry$/),
      __madeFrom: MADE_FROM,
      __provider: providerText("registryLogin"),
    });
  });

  it("run the proxy on both ports, without credentials that are not its own", () => {
    expect(named("web-1-proxy").inputs).toEqual({
      schema: 1,
      host: HOST,
      stack: "slipway/production",
      image: expect.stringMatching(/^basecamp\/kamal-proxy:v\d+\.\d+\.\d+$/),
      publish: ["443:443", "80:80"],
      options: [],
      logMaxSize: "10m",
      status: "running",
      __urn: expect.stringMatching(/slipway:Proxy::web-1-proxy$/),
      __madeFrom: MADE_FROM,
      __provider: providerText("proxy"),
    });
  });

  it("release the image by digest, with all that decides a container", () => {
    const { inputs } = release();
    const slots = (value: unknown) => ({ "web-1/web": value, "web-2/web": value });
    expect(inputs).toEqual({
      schema: 1,
      service: "shop",
      destination: "production",
      stack: "slipway/production",
      __configHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      version: "1.4.2",
      image: `ghcr.io/acme/shop@${DIGEST}`,
      release: expect.stringMatching(RELEASE),
      containers: slots(inputs.release),
      routes: slots("http://shop.example → port 3000"),
      hosts: { "web-1": HOST, "web-2": { ...HOST, address: "203.0.113.11", name: "web-2" } },
      made: [],
      roles: {
        web: {
          hosts: ["web-1", "web-2"],
          replicas: 1,
          strategy: "start-first",
          ready: { by: "route" },
          on: {},
          env: { RATE_LIMIT: "10" },
          secretEnv: { STRIPE_KEY: "STRIPE_KEY" },
          secretsFingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
          labels: {},
          options: expect.objectContaining({ restart: { name: "unless-stopped" } }),
          mounts: [],
          logging: { driver: "json-file", options: { "max-size": "10m" } },
          stopTimeout: expect.any(Number),
          stopDelay: 0,
          proxy: expect.objectContaining({ appPort: 3000, hosts: ["shop.example"] }),
        },
      },
      registry: secret({ server: "ghcr.io", username: "ann", password: "canary-p4ssword" }),
      secrets: secret({ REGISTRY_PASSWORD: "canary-p4ssword", STRIPE_KEY: "sk_live_canary" }),
      deployTimeout: 30,
      drainTimeout: 30,
      stopWait: 30,
      retainContainers: 5,
      boot: { limit: 0, wait: 0, parallelRoles: true },
      watch: 0,
      proxyFiles: {},
      __urn: expect.stringMatching(/slipway:Release::shop$/),
      __madeFrom: MADE_FROM,
      __provider: providerText("release"),
    });
  });

  it("hold no secret in the clear", () => {
    const wrapped = (value: unknown): unknown => {
      if (value === null || typeof value !== "object") return value;
      if (Object.entries(SECRET).some(([key, mark]) => (value as Record<string, unknown>)[key] === mark)) return "secret";
      return Array.isArray(value)
        ? value.map(wrapped)
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wrapped(inner)]));
    };
    expect(JSON.stringify(registered.map(({ inputs }) => wrapped(inputs)))).not.toMatch(/canary/);
  });

  it("hold nothing that is undefined: the engine would see it come and go", () => {
    const holes = (value: unknown, path: string): string[] => {
      if (value === undefined) return [path];
      if (value === null || typeof value !== "object") return [];
      return Object.entries(value).flatMap(([key, inner]) => holes(inner, `${path}.${key}`));
    };
    expect(registered.flatMap(({ name, inputs }) => holes(inputs, name))).toEqual([]);
  });

  it("release after the proxies and logins of all hosts", () => {
    expect(waitsFor.get("shop")).toEqual(
      expect.arrayContaining(["web-1-proxy", "web-1-registry", "web-2-proxy", "web-2-registry"]),
    );
  });

  it("run the proxy after the login of its own host, and that after its Docker", () => {
    expect(waitsFor.get("web-1-proxy")).toEqual(["web-1-docker", "web-1-registry"]);
  });

  it("say what is released, where, and where it answers", () => {
    const { release: id, containers } = release().inputs;
    expect(outputs).toEqual({
      urls: ["http://shop.example"],
      release: id,
      version: "1.4.2",
      image: `ghcr.io/acme/shop@${DIGEST}`,
      containers,
      servers: {
        "web-1": { address: "203.0.113.10", port: 22, user: "root" },
        "web-2": { address: "203.0.113.11", port: 22, user: "root" },
      },
      loadBalancers: {},
    });
  });
});

const release = (): Registered => {
  const found = registered.find(({ type }) => type.endsWith(":Release"));
  if (found === undefined) throw new Error("no release was registered");
  return found;
};

describe("the provider of a resource", () => {
  it("is this text for ever, with nothing captured: state holds it, and an edit would show in every preview", () => {
    expect(["release", "proxy", "registryLogin"].map((noun) => providerText(noun as "release"))).toEqual([
      'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("slipway/provider").release',
      'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("slipway/provider").proxy',
      'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("slipway/provider").registryLogin',
    ]);
  });
});
