import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { providerText } from "../../components/pulumi/dynamic.ts";
import { Deadline } from "../../core/deadline.ts";
import { aRelease, V1 } from "../unit/providers/release/fixture.ts";
import { FakeEngine, ProviderProcess } from "./provider-process.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SSH = { agent: false, config: false, known_hosts: "/nonexistent", connect_timeout: 10 };
/** What the engine keeps in the state, and passes to a refresh or a destroy. */
const LAST_RUN = { "slipway:ssh": JSON.stringify({ ...SSH, proxy: "root@127.0.0.2:1" }) };
const URN = "urn:pulumi:production::slipway::pulumi-nodejs:dynamic/slipway:Release::shop";

let engine: FakeEngine;
/** Where nothing listens. */
let port: number;
let folder: string;
let provider: ProviderProcess;

beforeAll(async () => {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  port = (socket.address() as AddressInfo).port;
  socket.close();
  engine = await FakeEngine.start();
});
afterAll(() => engine.stop());
beforeEach(() => {
  engine.logs.length = 0;
});
afterEach(async () => {
  await provider.stop();
  await rm(folder, { recursive: true });
});

/** The process of a project whose stack's file has this config now. Its modules are those of this checkout. */
async function startIn(config: object): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "slipway-wire-"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "slipway", type: "module", exports: { "./provider": "./provider.ts" } }),
  );
  await writeFile(join(folder, "provider.ts"), `export * from ${JSON.stringify(join(ROOT, "providers", "index.ts"))};\n`);
  await writeFile(join(folder, "Pulumi.yaml"), "name: slipway\nruntime: nodejs\n");
  await writeFile(join(folder, "Pulumi.production.yaml"), JSON.stringify({ config }));
  provider = await ProviderProcess.start(engine, LAST_RUN, {}, folder);
}

const theRelease = () => ({
  ...aRelease(V1),
  hosts: { "web-1": { name: "web-1", address: "127.0.0.1", port, user: "root" } },
  fleet: {},
  releases: [],
  __provider: providerText("release"),
  __urn: URN,
});

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "succeeded",
    (thrown: unknown) => String(thrown),
  );

it("logs in as the stack's file says now, not as the last run did", async () => {
  await startIn({ "slipway:ssh": SSH });
  const { outputs } = await provider.read("shop-production", theRelease());
  expect(outputs.fleet).toEqual({ "web-1": { kind: "unreachable", reason: `127.0.0.1:${port} refused the connection` } });
  const said = await failure(provider.delete(theRelease()));
  expect(said).toContain(`127.0.0.1:${port} refused the connection`);
  expect(said).not.toContain("jump host");
});

it("leaves what runs on a host that the stack's file gives up", async () => {
  await startIn({ "slipway:ssh": SSH, "slipway:forget": ["web-1"] });
  await provider.delete(theRelease());
  const warning = await Deadline.in(5).until(
    async () => engine.logs.find(({ urn, severity }) => urn === URN && severity === 2),
    () => new Error(`no warning in ${JSON.stringify(engine.logs)}`),
  );
  expect(warning.message).toBe("web-1 is given up (slipway:forget): the app shop-production stays there as it is");
});

/** As a version that does not exist yet could write it. */
const ofAnotherVersion = () => ({ ...theRelease(), schema: 99, roles: "of another shape", secrets: null });

it("removes what a state of another version names: host and names are read alone", async () => {
  await startIn({ "slipway:ssh": SSH });
  const said = await failure(provider.delete(ofAnotherVersion()));
  expect(said).toContain("the app shop-production cannot be removed from web-1, which cannot be asked");
  expect(said).toContain("pulumi config set --path 'slipway:forget[0]' web-1");
});

it("says what to do with a state that names no host, and forgets what is on no host", async () => {
  await startIn({ "slipway:ssh": SSH });
  const said = await failure(provider.delete({ schema: 99, __provider: providerText("release"), __urn: URN }));
  expect(said).toContain(`pulumi state delete '${URN}'`);
  await provider.delete({ schema: 99, __provider: providerText("registryLogin"), __urn: URN });
});
