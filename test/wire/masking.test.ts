import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { providerText } from "../../components/pulumi/dynamic.ts";
import { messageOf } from "../../core/error.ts";
import { FakeEngine, ProviderProcess } from "./provider-process.ts";

const SECRET = "sk_live_canary";

let engine: FakeEngine;
let provider: ProviderProcess;
let folder: string;
let port: number;

beforeAll(async () => {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  ({ port } = socket.address() as AddressInfo);
  socket.close();
  folder = await mkdtemp(join(tmpdir(), "slipway-masking-"));
  engine = await FakeEngine.start();
  provider = await ProviderProcess.start(engine, {
    "slipway:ssh": JSON.stringify({ agent: false, config: false, known_hosts: "/nonexistent", connect_timeout: 10 }),
    "slipway:secrets": JSON.stringify({ TOKEN: SECRET }),
    "slipway:hooks": JSON.stringify({ on_failure: `printf %s "$SLIPWAY_ERROR" >${folder}/error; echo "$SLIPWAY_ERROR"` }),
  });
});
afterAll(async () => {
  await provider.stop();
  engine.stop();
  await rm(folder, { recursive: true });
});

it("shows no secret in an error, nor to the hook that reports it", async () => {
  // Where a secret gets into an error by accident: here as the name of a host.
  const login = {
    schema: 1,
    host: { name: SECRET, address: "127.0.0.1", port, user: "root" },
    server: "registry.example",
    username: "ann",
    password: "canary-p4ssword",
    __provider: providerText("registryLogin"),
    __urn: "urn:pulumi:production::slipway::pulumi-nodejs:dynamic/slipway:RegistryLogin::web-1-registry",
  };
  const said = await provider.create(login).then(() => "created", messageOf);
  expect(said).toContain(`[secret]: 127.0.0.1:${port} refused the connection`);
  const error = await readFile(join(folder, "error"), "utf8");
  expect(error).toContain(`[secret]: 127.0.0.1:${port} refused the connection`);
  expect(`${said} ${error} ${provider.console} ${JSON.stringify(engine.logs)}`).not.toMatch(/canary/);
});
