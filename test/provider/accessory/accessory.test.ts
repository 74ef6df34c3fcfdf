import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import { ProxyInputs } from "../../../providers/proxy/inputs.ts";
import { proxyProvider } from "../../../providers/proxy/provider.ts";
import { Accessory, type Wish } from "../../support/accessory.ts";
import { addressOf, ProviderRun } from "../../support/provider-run.ts";
import { ROUTE } from "../../unit/providers/release/fixture.ts";
import { AccessoryHost, DATA, VOLUME } from "./accessory-host.ts";

let on: AccessoryHost;
let lab: Lab;
let host: LabHost;
let images: AccessoryHost["images"];
let db: Accessory;

beforeAll(async () => {
  on = await AccessoryHost.create();
  ({ lab, host, images } = on);
});
afterAll(() => on?.[Symbol.asyncDispose]());

const sh = (script: string) => on.sh(script);
const inspect = (name: string) => on.inspect(name);
const names = () => on.names();
const versionAt = () => on.versionAt();
const writeRow = (volume?: string) => on.writeRow(volume);
const row = () => on.row();

describe("an accessory that comes up", () => {
  beforeAll(async () => {
    db = new Accessory(lab, host, {
      image: images.v1,
      env: { SHARED: "128MB" },
      secretEnv: { PASSWORD: "DB_PASSWORD" },
      secrets: { DB_PASSWORD: "s3cret-word" },
    });
  });
  afterAll(() => db[Symbol.asyncDispose]());

  it("runs, with a name for its data", async () => {
    expect(await db.preview()).toContain(`run ${images.v1}`);
    await db.done();
    expect((await names()).trim()).toBe("shop-db");
    const { Config, HostConfig, Mounts } = await inspect("shop-db");
    expect(Config.Hostname).toBe("shop-db");
    expect(Config.Image).toBe(`${images.v1.replace(/:v1$/, "")}@${db.state?.digest}`);
    expect(Config.Labels).toMatchObject({ service: "shop-db", "slipway.accessory": "db", "slipway.image": images.v1 });
    expect(Config.Env).toEqual(expect.arrayContaining(["SHARED=128MB", "PASSWORD=s3cret-word"]));
    expect(HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
    expect(Object.keys(HostConfig.PortBindings ?? {})).toEqual([]);
    expect(Mounts).toMatchObject([{ Type: "volume", Name: VOLUME, Destination: DATA }]);
    expect((await host.docker.getVolume(VOLUME).inspect()).Labels).toMatchObject({
      "slipway.accessory": "db",
      service: "shop-db",
    });
    await writeRow();
  });

  it("is left alone when nothing has changed", async () => {
    const { Id } = await inspect("shop-db");
    expect(await db.preview()).toBe("");
    expect((await db.done()).changes).toEqual([]);
    expect((await inspect("shop-db")).Id).toBe(Id);
  });

  it("is replaced in place when its environment changes, with its data, and the gap is reported", async () => {
    const { Id } = await inspect("shop-db");
    expect(await db.preview({ env: { SHARED: "256MB" } })).toMatch(/replace in place, gap about 3 s: env ~SHARED/);
    const { said } = await db.done();
    expect(said[0]).toMatch(/^db on \S+: replaced, gap \d+(\.\d)? s \(planned about 3 s\)$/);
    expect((await inspect("shop-db")).Id).not.toBe(Id);
    expect((await names()).trim()).toBe("shop-db");
    expect((await inspect("shop-db")).Config.Env).toContain("SHARED=256MB");
    expect(await row()).toBe("kept");
    expect(await db.preview()).toBe("");
  });

  it("plans with the gap that it has measured", async () => {
    expect(db.state?.gap).toBeGreaterThan(0);
    expect(await db.preview({ env: { SHARED: "128MB" } })).toContain(`gap about ${db.state?.gap} s`);
    await db.done();
  });

  it("gets another limit without a restart, and back", async () => {
    const { Id, State } = await inspect("shop-db");
    const { options } = db.inputs();
    expect(await db.preview({ options: { ...options, memory: 64 * 1024 * 1024, cpus: 0.5 } })).toContain("no gap");
    await db.done();
    const limited = await inspect("shop-db");
    expect([limited.Id, limited.State.StartedAt, limited.HostConfig.Memory]).toEqual([Id, State.StartedAt, 64 * 1024 * 1024]);
    expect(await db.preview()).toBe("");
    await db.done({ options });
    expect((await inspect("shop-db")).Id).toBe(Id);
    expect(await db.preview()).toBe("");
  });

  it("repairs edited limits without a restart", async () => {
    const { Id } = await inspect("shop-db");
    await sh("docker update --restart no --memory 32m --memory-swap 64m shop-db");
    expect(await db.preview()).toContain("restart no → unless-stopped, memory 32 MB → no limit, without a restart");
    await db.done();
    const { Id: now, HostConfig } = await inspect("shop-db");
    expect([now, HostConfig.RestartPolicy?.Name]).toEqual([Id, "unless-stopped"]);
    expect(await db.preview()).toBe("");
  });

  it("is started again when it was stopped by hand", async () => {
    await sh("docker stop -t 1 shop-db");
    const reading = await db.read();
    expect(reading).toMatchObject({ found: "drift", inputs: { status: expect.stringMatching(/^stopped with code/) } });
    expect(await db.preview()).toContain("(drift)   was down");
    await db.done();
    expect(await versionAt()).toBe("v1");
    expect(await row()).toBe("kept");
  });

  it("runs again with its data and the same digest when it was removed by hand", async () => {
    const { digest } = db.state ?? {};
    await sh("docker rm -f shop-db");
    expect(await db.preview()).toContain("found missing (drift)");
    await db.done();
    expect(db.state?.digest).toBe(digest);
    expect(await row()).toBe("kept");
  });

  it("goes to another image, which takes the old one's place on the disk, too", async () => {
    const old = (await inspect("shop-db")).Image;
    await db.done({ image: images.v2 });
    expect(await versionAt()).toBe("v2");
    expect(await row()).toBe("kept");
    expect(await sh("docker images -q --no-trunc")).not.toContain(old);
  });

  it("is not touched when its tag moves in the registry", async () => {
    await lab.image("db", "v2", { VERSION: "v2 again" }, { volumes: [DATA] });
    expect(await db.preview()).toBe("");
    await db.done({ env: { SHARED: "1GB" } });
    expect(await versionAt()).toBe("v2");
    await lab.image("db", "v2", {}, { volumes: [DATA] });
  });

  it("serves again when the new image exits at boot, and the last words of that are reported", async () => {
    const { Id } = await inspect("shop-db");
    const { error } = await db.refused({ image: images.broken });
    expect(error).toMatch(/db: \S+:broken did not take the place of shop-db \(\S+:v2\): the container exited with code 3/);
    expect(error).toContain("fatal: connection refused");
    expect(error).toMatch(/serves now: shop-db \(\S+:v2\) again, after a gap of \d/);
    const old = await inspect("shop-db");
    expect([old.Id, old.State.Running, old.HostConfig.RestartPolicy?.Name]).toEqual([Id, true, "unless-stopped"]);
    expect((await names()).trim()).toBe("shop-db");
    expect(await row()).toBe("kept");
  });

  it("serves again when the new one does not become healthy", async () => {
    const { Id } = await inspect("shop-db");
    const { error } = await db.refused({ image: images.sick, bootTimeout: 1 });
    expect(error).toContain("the container did not become healthy within 1 s");
    expect(error).toContain("/up on port 3000: 503");
    expect((await inspect("shop-db")).Id).toBe(Id);
    expect(await db.preview({ image: images.v2, bootTimeout: 5 })).toBe("");
  });

  it("is not stopped for an image that is unavailable", async () => {
    const { State } = await inspect("shop-db");
    const { error, changes } = await db.refused({ image: images.v2.replace(/:v2$/, ":nowhere") });
    expect(error).toMatch(/the image \S+:nowhere of db could not be pulled/);
    expect(error).toContain("untouched");
    expect([changes, (await inspect("shop-db")).State.StartedAt]).toEqual([[], State.StartedAt]);
  });

  it("is not stopped for an image that would not see its data", async () => {
    const { State } = await inspect("shop-db");
    const { error } = await db.refused({ image: images.moved });
    expect(error).toContain(`would not see its data in ${VOLUME}`);
    expect((await inspect("shop-db")).State.StartedAt).toBe(State.StartedAt);
    await db.done({ image: images.v2 });
  });

  it("is proved by its port, where that is declared; the check itself needs no gap", async () => {
    expect((await db.done({ ready: { by: "tcp", port: 3000, timeout: 1 } })).changes).toEqual([]);
    await db.done({ env: { SHARED: "2GB" } });
    const { error } = await db.refused({ ready: { by: "tcp", port: 9, timeout: 1 }, env: { SHARED: "3GB" }, bootTimeout: 1 });
    expect(error).toMatch(/port 9: connection refused × \d/);
    expect(error).toContain("again, after a gap of");
    await db.done({ ready: { by: "http", port: 3000, path: "/up", timeout: 2 }, env: { SHARED: "2GB" }, bootTimeout: 5 });
  });

  it("never prints a secret", async () => {
    const { said, statuses, error } = await db.refused({
      image: images.broken,
      secrets: { DB_PASSWORD: "0ther-word" },
      secretsFingerprint: "1",
    });
    expect([...said, ...statuses, error].join("\n")).not.toMatch(/s3cret-word|0ther-word/);
    await db.done({ image: images.v2, secrets: { DB_PASSWORD: "s3cret-word" }, secretsFingerprint: "" });
  });
});

describe("served over HTTP", () => {
  const { appPort: _port, ...options } = ROUTE;
  const proxy = { ...options, appPort: 3000, hosts: [] };
  const visit = async () => (await fetch(`http://${host.address}/`)).status;

  beforeAll(async () => {
    await using run = new ProviderRun(lab);
    const inputs = ProxyInputs.parse({
      schema: 1,
      host: addressOf(host),
      stack: "slipway/lab",
      image: PROXY_IMAGE,
      status: "running",
      publish: ["443:443", "80:80"],
      options: [],
      logMaxSize: "10m",
    });
    await proxyProvider.converge(inputs, undefined, run);
    db = new Accessory(lab, host, { image: images.v1 });
  });
  afterAll(() => db[Symbol.asyncDispose]());

  it("answers through the proxy, also after it was replaced, until it is not declared", async () => {
    await db.done({ proxy });
    expect(await visit()).toBe(200);
    await db.done({ image: images.v2 });
    expect(await visit()).toBe(200);
    expect(await db.preview()).toBe("");
    await sh("docker exec kamal-proxy kamal-proxy remove shop-db");
    expect(await db.preview()).toContain("route shop-db");
    await db.done();
    expect(await visit()).toBe(200);
    expect(await db.preview({ proxy: undefined } as unknown as Wish)).toContain("remove the route shop-db");
    await db.done();
    expect(await visit()).toBe(404);
  });
});
