import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "../../../../components/app/app.ts";
import type { AppArgs } from "../../../../components/app/args.ts";
import { isForPulumi } from "../../../../components/app/pulumi-image.ts";
import { Server } from "../../../../components/server/server.ts";
import type { Builder } from "../../../../core/builder.ts";
import { type Mocked, mocked, needsOf, type Registered } from "../fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const BUILT = { version: "3f2a1b9", content: "04bd", digest: DIGEST, identity: { index: DIGEST, platforms: [] } };

/** How Pulumi marks a secret. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-app-"));
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, ".cache"));
  vi.stubEnv("SLIPWAY_VERSION", "1.4.2");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** What an app with this builder declares, once its release is. */
async function declared(
  args: Partial<AppArgs> | ((web: Server) => Partial<AppArgs>),
): Promise<{ program: Mocked; of: (type: string) => Registered | undefined }> {
  const program = await mocked(({ type }) => {
    if (type.endsWith(":Build")) return { outputs: { built: BUILT } };
    return type === "docker:index/image:Image" ? { outputs: { repoDigest: `ghcr.io/acme/shop@${DIGEST}` } } : {};
  });
  const web = new Server("web-1", { address: "203.0.113.10" });
  const own = typeof args === "function" ? args(web) : args;
  new App("shop", { servers: web, proxy: { host: "shop.example" }, ...own } as AppArgs);
  const of = (type: string) => program.registered.find((one) => one.type.endsWith(type));
  await vi.waitFor(() => expect(of(":Release")).toBeDefined(), { timeout: 30_000 });
  return { program, of };
}

describe("an app that builds its image", () => {
  it("releases what its build has made, under the version of that build", async () => {
    const { program, of } = await declared({ builder: { context: folder, args: { A: "1" }, arch: "amd64" } });
    expect(of(":Build")?.inputs).toMatchObject({
      service: "shop",
      image: "slipway.invalid/shop",
      builder: { context: folder, args: { A: "1" }, platforms: ["linux/amd64"] },
      __facts: { version: "1.4.2", content: expect.stringMatching(/^[0-9a-f]{64}$/), uncommitted: { first: [], count: 0 } },
      hosts: { "web-1": { address: "203.0.113.10" } },
    });
    expect(of(":Release")?.inputs).toMatchObject({ version: "3f2a1b9", image: `slipway.invalid/shop@${DIGEST}` });
    const needs = (type: string) => needsOf(program.requests().find((one) => one.getType().endsWith(type)));
    expect(needs(":Release")).toContain("shop-shop-image");
    // The CPU is written: it need not wait until the server has Docker.
    expect(needs(":Build")).not.toContain("web-1-docker");
  });

  it("builds the image of a role beside it, with the keys of its own builder over the app's", async () => {
    const { program, of } = await declared((web) => ({
      builder: { context: folder, arch: "amd64", target: "web" },
      servers: { web, worker: { hosts: web, proxy: false, builder: { target: "worker" } } },
    }));
    const builds = program.registered.filter(({ type }) => type.endsWith(":Build")).map(({ inputs }) => inputs);
    expect(builds).toMatchObject([
      { image: "slipway.invalid/shop", builder: { target: "web", platforms: ["linux/amd64"] } },
      { image: "slipway.invalid/shop-worker", name: "worker", builder: { target: "worker", platforms: ["linux/amd64"] } },
    ]);
    expect(of(":Release")?.inputs).toMatchObject({
      image: `slipway.invalid/shop@${DIGEST}`,
      images: { worker: { version: "3f2a1b9", image: `slipway.invalid/shop-worker@${DIGEST}` } },
    });
    const names = needsOf(program.requests().find((one) => one.getType().endsWith(":Release")));
    expect(names).toEqual(expect.arrayContaining(["shop-shop-image", "shop-shop-worker-image"]));
  });

  it("knows in a preview what stays as it is while the image of another role is to be built", async () => {
    const program = await mocked(
      ({ type, inputs }) => (type.endsWith(":Build") && inputs.name === undefined ? { outputs: { built: BUILT } } : {}),
      "preview",
    );
    const web = new Server("web-1", { address: "203.0.113.10" });
    const builder = { context: folder, arch: "amd64" };
    const worker = { hosts: web, proxy: false, builder: { target: "worker" } };
    new App("shop", { servers: { web, worker }, proxy: { host: "shop.example" }, builder });
    const release = () => program.registered.find(({ type }) => type.endsWith(":Release"))?.inputs;
    await vi.waitFor(() => expect(release()).toBeDefined(), { timeout: 30_000 });
    expect(release()).toMatchObject({ version: "3f2a1b9", image: `slipway.invalid/shop@${DIGEST}` });
    const unknown = { __pulumiUnknown: true };
    expect(release()).toMatchObject({
      containers: { "web-1/web": expect.stringMatching(/^3f2a1b9-[0-9a-f]{8}$/), "web-1/worker": unknown },
      images: { worker: unknown },
    });
  });

  it("has no login for an image that is pushed nowhere", async () => {
    const registry = { server: "ghcr.io", username: "shop", password: ["P"] };
    const { of } = await declared({ builder: { context: folder }, registry, secrets: { P: "canary-1" } });
    expect(of(":Build")?.inputs.registry).toBeUndefined();
  });

  it("waits for the servers' Docker where their CPUs decide what is built", async () => {
    const { program } = await declared({ builder: { context: folder } });
    const needed = needsOf(program.requests().find((one) => one.getType().endsWith(":Build")));
    expect(needed).toContain("web-1-docker");
    // It is built while the proxy is pulled and started.
    expect(needed).not.toContain("web-1-proxy");
  });

  it("passes the values of the secrets that it names, and no others", async () => {
    const { of } = await declared({
      builder: { context: folder, secrets: ["NPM"] },
      secrets: { NPM: "canary-1", OTHER: "canary-2" },
    });
    expect(of(":Build")?.inputs.secrets).toEqual(secret({ NPM: "canary-1" }));
  });

  it("builds nothing where the image is given by digest", async () => {
    const { of } = await declared({ builder: { context: folder }, image: `ghcr.io/acme/shop@${DIGEST}` });
    expect(of(":Build")).toBeUndefined();
  });

  it("declares Pulumi's own resource where that is to build it", async () => {
    const { of } = await declared({
      image: "ghcr.io/acme/shop",
      builder: {
        context: folder,
        with: "@pulumi/docker",
        arch: "arm64",
        target: "production",
        args: { A: "1" },
        cache: { type: "registry", image: "ghcr.io/acme/cache" },
      },
      registry: { server: "ghcr.io", username: "shop", password: ["P"] },
      secrets: { P: "canary-1" },
    });
    expect(of(":Build")).toBeUndefined();
    const here = relative(process.cwd(), folder);
    expect(of("docker:index/image:Image")?.inputs).toMatchObject({
      imageName: "ghcr.io/acme/shop:1.4.2",
      build: {
        context: here,
        dockerfile: join(here, "Dockerfile"),
        platform: "linux/arm64",
        target: "production",
        args: { A: "1" },
        cacheFrom: { images: ["ghcr.io/acme/cache"] },
      },
      registry: secret({ server: "ghcr.io", username: "shop", password: "canary-1" }),
      skipPush: false,
      buildOnPreview: false,
    });
    expect(of(":Release")?.inputs).toMatchObject({ version: "1.4.2", image: `ghcr.io/acme/shop@${DIGEST}` });
  });
});

describe("Pulumi's own resource builds", () => {
  const builder: Builder = {
    context: ".",
    args: {},
    secrets: [],
    platforms: ["linux/amd64"],
    provenance: "false",
    sbom: "false",
  };
  const IMAGE = "ghcr.io/acme/shop";

  it("what it knows, where it is installed and there is a registry", () => {
    expect(isForPulumi(builder, IMAGE, () => true)).toBe(true);
    expect(isForPulumi(builder, IMAGE, () => false)).toBe(false);
    expect(isForPulumi(builder, "slipway.invalid/shop", () => true)).toBe(false);
  });

  it.each<[string, Partial<Builder>]>([
    ["secrets", { secrets: ["A"] }],
    ["ssh", { ssh: "default" }],
    ["two CPUs", { platforms: ["linux/amd64", "linux/arm64"] }],
    ["the CPUs of the hosts", { platforms: [] }],
    ["a driver", { driver: "docker-container" }],
    ["another machine", { remote: "ssh://b@h" }],
    ["the cache of GitHub", { cache: { type: "gha" } }],
    ["a cache with options", { cache: { type: "registry", image: "a/b", options: "mode=max" } }],
    ["statements", { sbom: "true" }],
  ])("nothing with %s", (_, over) => {
    expect(isForPulumi({ ...builder, ...over }, IMAGE, () => true)).toBe(false);
  });

  it("by name whatever is installed", () => {
    expect(isForPulumi({ ...builder, with: "@pulumi/docker" }, IMAGE, () => false)).toBe(true);
    expect(isForPulumi({ ...builder, with: "buildx" }, IMAGE, () => true)).toBe(false);
  });
});
