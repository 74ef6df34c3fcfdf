import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { providerText } from "../../components/pulumi/dynamic.ts";
import { Deadline } from "../../core/deadline.ts";
import { dialEngine } from "../../providers/pulumi/engine-client.ts";
import { EngineReport } from "../../providers/pulumi/report.ts";
import { aContainer, aRelease, serving, V1, V2 } from "../unit/providers/release/fixture.ts";
import { FakeEngine, type Logged, ProviderProcess, type Values } from "./provider-process.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const CANARIES = /canary-p4ssword|sk_live_canary|canary-k3y/;
const SSH = { agent: false, config: false, known_hosts: "/nonexistent", connect_timeout: 10, key_data: ["DEPLOY_KEY"] };
const CONFIG = { "slipway:ssh": JSON.stringify(SSH), "slipway:secrets": JSON.stringify({ DEPLOY_KEY: "canary-k3y" }) };
const urnOf = (noun: string, name: string) => `urn:pulumi:production::slipway::pulumi-nodejs:dynamic/slipway:${noun}::${name}`;

let engine: FakeEngine;
let provider: ProviderProcess;
/** Where nothing listens. */
let nowhere: { name: string; address: string; port: number; user: string };

beforeAll(async () => {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  nowhere = { name: "web-1", address: "127.0.0.1", port, user: "root" };
  engine = await FakeEngine.start();
  provider = await ProviderProcess.start(engine, CONFIG);
});

beforeEach(() => {
  engine.logs.length = 0;
});

afterEach(() => {
  expect(JSON.stringify(engine.logs)).not.toMatch(CANARIES);
  expect(provider.console).not.toMatch(CANARIES);
});

afterAll(async () => {
  await provider.stop();
  engine.stop();
});

const hidden = (noun: Parameters<typeof providerText>[0], urn: string) => ({ __provider: providerText(noun), __urn: urn });
const RELEASE_URN = urnOf("Release", "shop");

const theRelease = (release: string = V2, changes: Values = {}): Values => ({
  ...aRelease(release),
  hosts: { "web-1": nowhere },
  registry: { server: "registry.example", username: "ann", password: "canary-p4ssword" },
  ...changes,
  ...hidden("release", RELEASE_URN),
});
const theProxy = (changes: Values = {}): Values => ({
  schema: 1,
  host: nowhere,
  stack: "slipway/production",
  image: "basecamp/kamal-proxy:v0.9.2",
  publish: ["443:443", "80:80"],
  options: [],
  logMaxSize: "10m",
  status: "running",
  ...changes,
  ...hidden("proxy", urnOf("Proxy", "web-1-proxy")),
});
const theLogin = (changes: Values = {}): Values => ({
  schema: 1,
  host: nowhere,
  server: "registry.example",
  username: "ann",
  password: "canary-p4ssword",
  ...changes,
  ...hidden("registryLogin", urnOf("RegistryLogin", "web-1-registry")),
});

const RUNNING = serving(aContainer(V1));
const PROXY_RUNS = {
  kind: "present",
  id: "4d",
  network: true,
  image: "basecamp/kamal-proxy:v0.9.2",
  publish: ["443:443", "80:80"],
  options: [],
  logMaxSize: "10m",
  status: "running",
};
/** Each noun: what is declared, and the state that a run left. */
const NOUNS = (): Readonly<Record<string, { declared: Values; state: Values; changed: Values }>> => ({
  release: {
    declared: theRelease(V1),
    state: { ...theRelease(V1), fleet: { "web-1": RUNNING }, releases: [] },
    changed: theRelease(V2),
  },
  proxy: { declared: theProxy(), state: { ...theProxy(), found: PROXY_RUNS }, changed: theProxy({ publish: ["8080:80"] }) },
  registryLogin: { declared: theLogin(), state: theLogin(), changed: theLogin({ password: "canary-p4ssword-2" }) },
});
const noun = (name: string) => NOUNS()[name] ?? { declared: {}, state: {}, changed: {} };

/** Logs are not waited for by who sends them. */
const logged = (about: (log: Logged) => boolean): Promise<Logged> =>
  Deadline.in(5).until(
    async () => engine.logs.find(about),
    () => new Error(`not logged; logged was: ${JSON.stringify(engine.logs)}`),
  );

async function failure(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    (value) => new Error(`succeeded: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  return (error as { details?: string }).details ?? String(error);
}

describe.each(["release", "proxy", "registryLogin"])("%s", (name) => {
  it("checks what is declared and gives it back whole", async () => {
    const { declared } = noun(name);
    expect(await provider.check({}, declared)).toEqual(declared);
  });

  it("lets a value pass that only the run will know, and plans later", async () => {
    const { declared, state } = noun(name);
    for (const later of [{ image: UNKNOWN }, { host: UNKNOWN }, { hosts: { "web-1": UNKNOWN } }]) {
      expect(await provider.check({}, { ...declared, ...later })).toMatchObject(later);
      expect((await provider.diff(state, { ...declared, ...later })).changes).toBe("some");
    }
  });

  it("plans all that does not depend on such a value", async () => {
    const { state, changed } = noun(name);
    const __urn = urnOf(name, "known in part");
    const later = { image: UNKNOWN, drainTimeout: UNKNOWN, boot: UNKNOWN, secrets: UNKNOWN };
    await provider.diff({ ...state, __urn }, { ...changed, ...later, __urn });
    const said = await logged(({ urn }) => urn === __urn);
    expect(said.message).toContain("web-1");
    expect(said.message).not.toContain(UNKNOWN);
  });

  it("refuses inputs of another shape by their path, without their values", async () => {
    const said = await failure(provider.check({}, { ...noun(name).declared, schema: 7, stack: 1, server: 1 }));
    expect(said).toMatch(/schema|stack/);
    expect(said).not.toMatch(CANARIES);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it("sees no change where nothing changed, and one where something did", async () => {
    const { declared, state, changed } = noun(name);
    expect(await provider.diff(state, declared)).toEqual({ changes: "none", replaces: [], deleteFirst: false });
    expect(await provider.diff(state, changed)).toEqual({ changes: "some", replaces: [], deleteFirst: false });
  });

  it("cannot be made on a host that cannot be reached, and says so in our words", async () => {
    const said = await failure(provider.create(noun(name).declared));
    expect(said).toContain(`web-1: 127.0.0.1:${nowhere.port} refused the connection`);
    expect(said).toContain("  next: ");
    expect(said).not.toMatch(/\n\s+at /);
    expect(said).not.toMatch(CANARIES);
  });

  it("cannot be updated there either", async () => {
    const { state, changed } = noun(name);
    expect(await failure(provider.update(state, changed))).toContain("refused the connection");
  });

  it("survives state of another version: read leaves it, diff changes it", async () => {
    const old = { schema: 0, what: "another shape", ...hidden(name as "release", "urn:old") };
    expect(await provider.read("shop", old)).toMatchObject({ id: "shop", outputs: old });
    expect((await provider.diff(old, noun(name).declared)).changes).toBe("some");
  });

  it("survives state that lacks only what older versions did not find", async () => {
    const { declared } = noun(name);
    const { id } = await provider.read("shop", declared);
    expect(id).toBe("shop");
    expect((await provider.diff(declared, declared)).changes).toMatch(/some|none/);
  });

  it("prints nothing of an expected error on its console", () => {
    expect(provider.console).not.toMatch(/\n\s+at .*slipway|SlipwayError/);
  });
});

describe("a host that cannot be reached", () => {
  it("keeps its release in the state, as unreachable", async () => {
    const { state } = noun("release");
    const { id, outputs, inputs } = await provider.read("shop-production", state);
    expect(id).toBe("shop-production");
    expect(outputs).toMatchObject({ ...theRelease(V1), fleet: { "web-1": { kind: "unreachable" } } });
    expect(inputs?.containers).toEqual({ "web-1/web": expect.stringMatching(/^unreachable: .*refused the connection$/) });
    expect(inputs).toMatchObject({ registry: { password: "canary-p4ssword" }, secrets: { STRIPE_KEY: "sk_live_canary" } });
  });

  it("keeps its proxy in the state, as unreachable", async () => {
    const { outputs, inputs } = await provider.read("web-1:kamal-proxy", noun("proxy").state);
    expect(outputs).toMatchObject({ ...theProxy(), found: { kind: "unreachable" } });
    expect(inputs?.status).toMatch(/^unreachable: .*refused the connection$/);
  });

  it("is not asked about a login", async () => {
    const { outputs, inputs } = await provider.read("web-1:registry.example", theLogin());
    expect([outputs, inputs]).toEqual([theLogin(), undefined]);
  });

  it("is named by a warning in a preview, which prints no plan of what is removed", async () => {
    const apart = await ProviderProcess.start(engine, CONFIG);
    try {
      await apart.read("shop-production", noun("release").state);
      await apart.read("web-1:kamal-proxy", noun("proxy").state);
      await logged(({ severity }) => severity === 2);
      expect(engine.logs.filter(({ severity }) => severity === 2)).toEqual([
        expect.objectContaining({ message: expect.stringMatching(/^web-1 could not be asked: .*refused the connection$/) }),
      ]);
    } finally {
      await apart.stop();
    }
  });

  it("keeps what is on it in the state: it cannot be deleted, and the error says how to give it up", async () => {
    // In a run that declares nothing.
    const apart = await ProviderProcess.start(engine, CONFIG);
    try {
      for (const name of ["release", "proxy"]) {
        const said = await failure(apart.delete(noun(name).state));
        expect(said).toContain("cannot be removed from web-1, which cannot be asked");
        expect(said).toContain("pulumi config set --path 'slipway:forget[0]' web-1");
      }
    } finally {
      await apart.stop();
    }
  });
});

describe("what comes back", () => {
  it("has __provider and __urn in the outputs and inputs of a read", async () => {
    for (const [name, { state }] of Object.entries(NOUNS())) {
      const { outputs, inputs } = await provider.read("id", state);
      const own = { __provider: providerText(name as "release"), __urn: state.__urn };
      expect(outputs).toMatchObject(own);
      if (inputs) expect(inputs).toMatchObject(own);
    }
  });

  it("has each secret under the key of its input and nowhere else", async () => {
    const { outputs } = await provider.read("shop-production", noun("release").state);
    const { registry: _registry, secrets: _secrets, ...rest } = outputs;
    expect(outputs.secrets).toEqual({ STRIPE_KEY: "sk_live_canary" });
    expect(JSON.stringify(rest)).not.toMatch(CANARIES);
  });
});

describe("what is reported to the engine", () => {
  /** Calls go in order on one connection, so what was logged before the mark is there when the mark is. */
  const settled = async () => {
    const urn = `urn:mark:${Math.random()}`;
    await provider.check({}, { ...theLogin(), __urn: urn });
    await logged((log) => log.urn === urn);
    return engine.logs.filter((log) => !log.urn.startsWith("urn:mark:"));
  };

  it("is the plan of a creation, once, on the row of the resource", async () => {
    const urn = urnOf("Release", "new");
    await provider.check({}, { ...theRelease(), __urn: urn });
    expect(await settled()).toEqual([
      { urn, severity: 1, message: expect.stringMatching(/^release 1\.4\.2-ab12cd34 .*\n {2}web-1 {2}start /), ephemeral: false },
    ]);
  });

  it("is the plan of an update, once: not from the check, and not from the diff of the refresh", async () => {
    const urn = urnOf("Release", "updated");
    const [state, news] = [
      { ...noun("release").state, __urn: urn },
      { ...theRelease(V2), __urn: urn },
    ];
    await provider.diff(state, { ...theRelease(V1), containers: { "web-1/web": "stopped" }, __urn: urn });
    expect(await settled()).toEqual([]);
    await provider.check(state, news);
    expect(await settled()).toEqual([]);
    await provider.diff(state, news);
    const logged = await settled();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ urn, ephemeral: false, message: expect.stringContaining("rollback to 1.4.1-77aa01ef") });
  });

  it("is nothing when nothing changes", async () => {
    const { state, declared } = noun("release");
    await provider.check(state, declared);
    await provider.diff(state, declared);
    expect(await settled()).toEqual([]);
  });

  it("is a status that the next one replaces, and words and warnings that stay", async () => {
    const report = new EngineReport(dialEngine(engine.address), "urn:row");
    report.status("pull 1/3");
    report.say("released");
    report.warn("keeps what runs there");
    await logged(({ severity }) => severity === 2);
    expect(engine.logs).toEqual([
      { urn: "urn:row", severity: 1, message: "pull 1/3", ephemeral: true },
      { urn: "urn:row", severity: 1, message: "released", ephemeral: false },
      { urn: "urn:row", severity: 2, message: "keeps what runs there", ephemeral: false },
    ]);
  });
});

describe("another name", () => {
  it("of the service or destination is refused: it would be another app", async () => {
    for (const changes of [{ service: "store" }, { destination: "staging" }])
      expect(await failure(provider.diff(noun("release").state, theRelease(V1, changes)))).toMatch(
        /the app shop-production would become [\s\S]*keep its name: slipway:service: shop, slipway:destination: production/,
      );
  });
  it("of the machine behind a proxy makes the new one first", async () => {
    const moved = theProxy({ host: { ...nowhere, address: "127.0.0.2" } });
    expect(await provider.diff(noun("proxy").state, moved)).toEqual({ changes: "some", replaces: ["host"], deleteFirst: false });
  });
});

describe("a deletion", () => {
  it("leaves what the program declares under another name", async () => {
    const [old, renamed] = ["old-proxy", "new-proxy"].map((name) => ({ ...theProxy(), __urn: urnOf("Proxy", name) }));
    if (old === undefined || renamed === undefined) throw new Error("two proxies");
    await provider.check({}, renamed);
    await provider.diff({ ...noun("proxy").state, __urn: renamed.__urn }, renamed);
    engine.logs.length = 0;
    await provider.delete({ ...noun("proxy").state, __urn: old.__urn });
    await logged(({ urn }) => urn === old.__urn);
    expect(engine.logs.map(({ message }) => message)).toEqual(["web-1: kamal-proxy stays: it is declared under another name"]);
  });
});

it("leaves by itself when its engine is gone", async () => {
  const ownEngine = await FakeEngine.start();
  const process = await ProviderProcess.start(ownEngine, CONFIG);
  try {
    await process.check({}, theLogin());
    await Deadline.in(5).until(
      async () => ownEngine.logs[0],
      () => new Error("the plan was not reported to the engine"),
    );
    const left = once(process.child, "exit");
    ownEngine.stop();
    const [code] = await Deadline.in(8).race(left, () => new Error("the provider process stays without its engine"));
    expect(code).toBe(0);
  } finally {
    await process.stop();
    ownEngine.stop();
  }
});
