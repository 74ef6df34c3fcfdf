import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { isMap } from "../../core/values.ts";
import { type Made, mocked, type Registered, seen } from "./components/fixture.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDER = join(ROOT, "examples");
const DIGEST = `sha256:${"9f31".repeat(16)}`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
/** The program of an example that has none of its own. */
const PROGRAM_OF_STACK_FILE = "node_modules/slipway/program.js";

interface Example {
  readonly main: string;
  readonly run: () => Promise<{ readonly urls: pulumi.Output<string[]> }>;
  /** What its user sets before the first run. */
  readonly config?: Readonly<Record<string, string>>;
  readonly urls: readonly string[];
  /** What it declares, by type and name, sorted. */
  readonly resources: readonly string[];
}

const runStackFile = async () => {
  vi.resetModules();
  return import("../../program.ts");
};
const server = (name: string) => [`slipway:DockerEngine ${name}-docker`, `slipway:Proxy ${name}-proxy`, `slipway:Server ${name}`];
const shop = ["slipway:App shop", "slipway:Release shop"];
const atHetzner = (name: string) => [
  ...server(name),
  `hcloud:LoadBalancerTarget ${name}`,
  `hcloud:Server ${name}`,
  `slipway:HetznerServer ${name}`,
  `slipway:HostKey ${name}-host-key`,
  `slipway:Tenancy ${name}-tenancy`,
];

const EXAMPLES: Readonly<Record<string, Example>> = {
  "existing-server": {
    main: "index.ts",
    run: () => import("../../examples/existing-server/index.ts"),
    urls: ["https://shop.example.com"],
    resources: [...server("web-1"), ...shop],
  },
  "two-apps": {
    main: "index.ts",
    run: () => import("../../examples/two-apps/index.ts"),
    config: { "acme:databasePassword": "canary-p4ssword" },
    urls: ["https://shop.example.com", "https://blog.example.com"],
    resources: [
      ...server("web-1"),
      ...shop,
      "slipway:Accessory shop-db-web-1",
      "slipway:App blog",
      "slipway:Exposure blog-exposure",
      "slipway:Exposure shop-exposure",
      "slipway:Firewall web-1-firewall",
      "slipway:Release blog",
    ],
  },
  hetzner: {
    main: PROGRAM_OF_STACK_FILE,
    run: runStackFile,
    // The public half of the key that its user logs in with.
    config: { "slipway:hetzner": JSON.stringify({ ssh_keys: [KEY] }) },
    urls: ["http://shop.example.com"],
    resources: [
      ...atHetzner("web-1"),
      ...atHetzner("web-2"),
      "hcloud:Firewall shop-production",
      "hcloud:LoadBalancer web",
      "hcloud:LoadBalancerNetwork web",
      "hcloud:LoadBalancerService web-http",
      "hcloud:Network shop-production-10-0-0-0-16",
      "hcloud:NetworkSubnet shop-production-10-0-0-0-16-eu-central",
      "hcloud:PlacementGroup shop-production-web",
      "hcloud:SshKey shop-production-1",
      "slipway:Deployment shop",
      "slipway:Exposure shop-exposure",
      "slipway:HetznerBalancer web",
      "slipway:HetznerSite shop-production",
      "slipway:Release shop",
    ],
  },
  "other-cloud": {
    main: "index.ts",
    run: () => import("../../examples/other-cloud/index.ts"),
    config: { "shop:sshKey": KEY },
    urls: ["https://shop.example.com"],
    resources: [
      ...server("web-1"),
      ...shop,
      "example:Machine web-1",
      "slipway:Exposure shop-exposure",
      "slipway:Firewall web-1-firewall",
      "slipway:HostKey web-1-host-key",
    ],
  },
  "stack-file": {
    main: PROGRAM_OF_STACK_FILE,
    run: runStackFile,
    config: { "slipway:secrets": JSON.stringify({ DATABASE_URL: "postgres://canary" }) },
    urls: ["http://shop.example.com"],
    resources: [...server("web-1"), ...server("web-2"), "slipway:Deployment shop", "slipway:Release shop"],
  },
  "second-stack": {
    main: "index.ts",
    run: () => import("../../examples/second-stack/index.ts"),
    urls: ["https://shop.example.com"],
    resources: [...server("web-1"), ...shop, "pulumi:StackReference organization/platform/production"],
  },
};

/** What other providers would give back. */
function madeBy({ type, name }: Registered): Made {
  if (type === "pulumi:pulumi:StackReference") {
    const outputs = { image: `ghcr.io/acme/shop@${DIGEST}`, databaseUrl: "postgres://canary" };
    return { outputs: { outputs, secretOutputNames: ["databaseUrl"] } };
  }
  if (type.endsWith(":HostKey")) return { outputs: { publicKey: KEY, privateKey: "canary" } };
  if (!type.startsWith("hcloud:")) return {};
  return { id: "4711", outputs: { ipv4Address: `192.0.2.${name.at(-1)}`, ipv4: "192.0.2.99" } };
}

const read = (example: string, file: string): string => readFileSync(join(FOLDER, example, file), "utf8");
const projectOf = (example: string): { name: string; main: string; options: object } => parse(read(example, "Pulumi.yaml"));

/** The values of its stack's file, as Pulumi passes them. */
function stackFileOf(example: string): Record<string, string> {
  if (projectOf(example).main !== PROGRAM_OF_STACK_FILE) return {};
  const { config } = parse(read(example, "Pulumi.production.yaml")) as { config: Record<string, unknown> };
  const text = (value: unknown) => (isMap(value) || Array.isArray(value) ? JSON.stringify(value) : String(value));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

/** @example labelOf({ type: "pulumi-nodejs:dynamic/slipway:Release", name: "shop" }) // "slipway:Release shop" */
const labelOf = ({ type, name }: Pick<Registered, "type" | "name">): string => {
  const [of, kind] = [type.replace("pulumi-nodejs:dynamic/", "").split(":")[0], type.split(":").at(-1)];
  return `${of}:${kind} ${name}`;
};

beforeEach(() => {
  const found = new Response(null, { headers: { "docker-content-digest": DIGEST } });
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => found.clone());
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  // What is still on its way would meet the mocks of the next file.
  await pulumi.runtime.disconnect();
});

it("every example is run here", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(EXAMPLES).sort());
});

describe.each(Object.entries(EXAMPLES))("the example %s", (name, { main, run, config = {}, urls, resources }) => {
  it("declares what it is about, and nothing of it is refused", async () => {
    const program = await mocked(madeBy, "up", projectOf(name).name);
    pulumi.runtime.setAllConfig({ ...stackFileOf(name), ...config });
    vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", JSON.stringify(["slipway:secrets"]));
    const outputs = await run();
    expect(await seen(outputs.urls)).toEqual({ value: urls, isSecret: false });
    await vi.waitFor(() => expect(program.registered.map(labelOf).sort()).toEqual([...resources].sort()));
  });

  it("is a project that can be copied", () => {
    const { dependencies, ...manifest } = JSON.parse(read(name, "package.json"));
    const { version, peerDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(manifest).toEqual({ name, private: true, type: "module" });
    expect(dependencies).toMatchObject({ slipway: `^${version}`, "@pulumi/pulumi": expect.any(String) });
    expect({ ...peerDependencies, slipway: `^${version}` }).toMatchObject(dependencies);
    expect(projectOf(name)).toMatchObject({ main, options: { refresh: "always" } });
    expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain(`(examples/${name})`);
  });
});
