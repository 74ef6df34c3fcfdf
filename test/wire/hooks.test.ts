import { once } from "node:events";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { providerText } from "../../components/pulumi/dynamic.ts";
import { messageOf } from "../../core/error.ts";
import { FakeEngine, ProviderProcess, type Values } from "./provider-process.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SECRET = "sk_live_canary";
const OF_CONFIG = "of_config_canary";

let engine: FakeEngine;
let provider: ProviderProcess;
/** The project. */
let folder: string;

async function begin(config: Values = {}): Promise<void> {
  folder = await realpath(await mkdtemp(join(tmpdir(), "slipway-hooks-wire-")));
  await mkdir(join(folder, ".kamal/hooks"), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const manifest = { name: "slipway", type: "module", exports: { "./provider": "./provider.ts" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "provider.ts"), `export * from ${JSON.stringify(join(ROOT, "providers", "index.ts"))};\n`);
  await writeFile(join(folder, "Pulumi.yaml"), "name: slipway\nruntime: nodejs\n");
  engine = await FakeEngine.start();
  const ssh = JSON.stringify({ agent: false, config: false, known_hosts: "/nonexistent" });
  const own = { "slipway:ssh": ssh, "slipway:service": "shop", "slipway:secrets": JSON.stringify({ OTHER: OF_CONFIG }) };
  provider = await ProviderProcess.start(engine, { ...own, ...config }, {}, folder);
}

async function end(): Promise<void> {
  await provider.stop();
  engine.stop();
  await rm(folder, { recursive: true });
}

const hook = (moment: string, commands: string[], more: Values = {}): Values => ({
  schema: 1,
  service: "shop",
  destination: "production",
  moment,
  __hook: { run: { commands }, output: "verbose", timeout: 20 },
  version: "1.4.2",
  image: "ghcr.io/acme/shop@sha256:9f31",
  release: "1.4.2-ab12cd34",
  hosts: { "web-1": { name: "web-1", address: "203.0.113.10", port: 22, user: "root" } },
  roles: ["web"],
  secrets: { TOKEN: SECRET },
  __provider: providerText("hook"),
  __urn: `urn:pulumi:production::slipway::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Hook::${moment}`,
  ...more,
});

const shown = () => engine.logs.filter(({ ephemeral }) => !ephemeral).map(({ message }) => message);

describe("a hook of a release", () => {
  beforeAll(() => begin());
  afterAll(end);

  it("has our variables, Kamal's and the secrets, which are in no argument, and are masked in what it prints", async () => {
    const all = "tr '\\0' ' ' </proc/$$/cmdline >arguments; env >environment";
    const { outputs } = await provider.create(hook("post_deploy", [all, 'echo "token $TOKEN and $OTHER"']));
    const environment = (await readFile(join(folder, "environment"), "utf8")).split("\n");
    expect(environment).toEqual(
      expect.arrayContaining([
        `TOKEN=${SECRET}`,
        `OTHER=${OF_CONFIG}`,
        "SLIPWAY_RELEASE=1.4.2-ab12cd34",
        "SLIPWAY_STACK=production",
        "SLIPWAY_HOSTS=web-1",
        "KAMAL_HOSTS=203.0.113.10",
        "KAMAL_VERSION=1.4.2",
        "KAMAL_SERVICE_VERSION=shop@1.4.2",
        "KAMAL_COMMAND=deploy",
        "KAMAL_LOCK=false",
        expect.stringMatching(/^KAMAL_PERFORMER=.+/),
        expect.stringMatching(/^KAMAL_RECORDED_AT=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        expect.stringMatching(/^KAMAL_RUNTIME=\d+$/),
      ]),
    );
    expect(environment.filter((line) => /^SLIPWAY_DISPLAY=/.test(line))).toEqual([]);
    expect(await readFile(join(folder, "arguments"), "utf8")).not.toContain("canary");
    await vi.waitFor(() => expect(shown().join("\n")).toContain("token [secret] and [secret]"));
    // That of the state: the engine seals what the program has marked.
    const { secrets, ...rest } = outputs;
    expect(secrets).toEqual({ TOKEN: SECRET });
    expect(JSON.stringify(rest)).not.toContain("canary");
  });

  it("runs once for a release: an update of anything else does not run it", async () => {
    const own = hook("pre_deploy", ["echo ran >>ran"]);
    const { outputs } = await provider.create(own);
    expect(await provider.diff(outputs, { ...own, hosts: {} })).toMatchObject({ changes: "none" });
    await provider.update(outputs, { ...own, release: "1.4.3-00000000", version: "1.4.3" });
    expect(await readFile(join(folder, "ran"), "utf8")).toBe("ran\nran\n");
  });

  it("that fails stops the run, with the end of its output and no secret", async () => {
    const said = await provider
      .create(hook("pre_deploy", ["echo checking", 'echo "bad $TOKEN" >&2', "exit 3"]))
      .then(() => "created", messageOf);
    expect(said).toMatch(/hooks\.pre_deploy failed: exit code 3\n {2}\| (?:checking|bad \[secret\])/);
    expect(said).toContain("serves now: what served before; the release has not begun");
    expect(said).toContain("code: HOOK_FAILED");
    expect(`${said} ${provider.console} ${JSON.stringify(engine.logs)}`).not.toMatch(/canary/);
  });

  it("runs quietly if that is wanted", async () => {
    await provider.create(
      hook("pre_deploy", ["echo loud"], { __hook: { run: { commands: ["echo loud"] }, output: "quiet", timeout: 20 } }),
    );
    expect(shown().join("\n")).not.toContain("loud");
  });

  // The process stays cancelled.
  it("is ended when the run is cancelled, with all that it has started", async () => {
    const created = provider.create(hook("pre_deploy", ["echo begun", "sleep 50 & wait"])).then(() => "created", messageOf);
    await vi.waitFor(() => expect(shown().join("\n")).toContain("begun"), { timeout: 10_000 });
    await provider.cancel();
    expect(await created).toContain("hooks.pre_deploy failed: the run was cancelled");
  });
});

const LOGIN = {
  schema: 1,
  server: "registry.example",
  username: "ann",
  password: "canary-p4ssword",
  __provider: providerText("registryLogin"),
};

const login = (name: string, port: number): Values => ({
  ...LOGIN,
  host: { name, address: "127.0.0.1", port, user: "root" },
  __urn: `urn:pulumi:production::slipway::pulumi-nodejs:dynamic/slipway:RegistryLogin::${name}-registry`,
});

/** A port of this machine at which no one listens. */
async function closedPort(): Promise<number> {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  return port;
}

describe("pre_connect", () => {
  afterEach(end);

  it("runs once before the first connection, with the hosts of the config, as a file of Kamal", async () => {
    await begin({ "slipway:hooks_path": ".kamal/hooks", "slipway:servers": '{"web":["203.0.113.10","203.0.113.11"]}' });
    const file = join(folder, ".kamal/hooks/pre-connect");
    await writeFile(file, '#!/bin/sh\necho "$KAMAL_HOSTS $KAMAL_SERVICE $OTHER" >>connected\n', { mode: 0o755 });
    const port = await closedPort();
    const said = await Promise.all(["web-1", "web-2"].map((name) => provider.create(login(name, port)).catch(messageOf)));
    for (const one of said) expect(one).toContain("refused the connection");
    expect(await readFile(join(folder, "connected"), "utf8")).toBe(`203.0.113.10,203.0.113.11 shop ${OF_CONFIG}\n`);
  });

  it("that fails makes no connection, and says why", async () => {
    let connections = 0;
    const socket = createServer(() => {
      connections += 1;
    }).listen(0, "127.0.0.1");
    await once(socket, "listening");
    await begin({ "slipway:hooks": JSON.stringify({ pre_connect: "echo no VPN; exit 4" }) });
    const { port } = socket.address() as AddressInfo;
    const said = await provider.create(login("web-1", port)).then(() => "created", messageOf);
    expect(said).toMatch(/hooks\.pre_connect failed: exit code 4\n {2}\| no VPN/);
    expect(connections).toBe(0);
    socket.close();
  });
});
