import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AccessoryOutputs } from "../../../../components/app/accessory-outputs.ts";
import { App } from "../../../../components/app/app.ts";
import type { AccessoryArgs } from "../../../../components/app/args.ts";
import { Server } from "../../../../components/server/server.ts";
import { later, type Mocked, mocked, needsOf, needsWith, seen } from "../fixture.ts";

const IMAGE = `ghcr.io/acme/shop:1.4.2@sha256:${"9f31".repeat(16)}`;
const PASSWORD = "p@ss/w:rd%";
const ENCODED = "p%40ss%2Fw%3Ard%25";
const ENV = { clear: { POSTGRES_USER: "app user", POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: PASSWORD } };
const URL_OF_DB =
  "postgres://${accessories.db.env.POSTGRES_USER}:${accessories.db.secret.POSTGRES_PASSWORD}@${accessories.db.host}:${accessories.db.port}/shop";

let program: Mocked;
let count = 0;

beforeAll(async () => {
  program = await mocked(undefined, "preview");
});
// What is still on its way would meet the mocks of the next file.
afterAll(() => pulumi.runtime.disconnect());

const aServer = (address: pulumi.Input<string> = "203.0.113.10") => new Server(`host-${++count}`, { address });

/** The outputs of `db` of an app on a server. @param db what differs from a PostgreSQL on the app's own server */
function outputsOf(db: Partial<AccessoryArgs>, web: Server | Server[] = aServer()): AccessoryOutputs {
  const [host] = [web].flat();
  const placed = db.hosts === undefined ? { host } : {};
  const accessories = { db: { image: "postgres:17.2", env: ENV, ...placed, ...db } };
  const app = new App(`app-${++count}`, { image: IMAGE, servers: web, proxy: { host: `${count}.example` }, accessories });
  return app.accessories.db;
}

/** What the environment of an app on this server has for `DATABASE_URL`, which refers to `db`. */
async function referenceIn(web: Server, db: AccessoryArgs): Promise<{ url: string; outputs: AccessoryOutputs }> {
  const name = `app-${++count}`;
  const env = { DATABASE_URL: URL_OF_DB };
  const app = new App(name, { image: IMAGE, servers: web, proxy: { host: `${name}.example` }, accessories: { db }, env });
  const { secrets } = await inputsOf("Release", name);
  const { value } = secrets as { value: Record<string, string> };
  return { url: Object.entries(value).find(([key]) => key.startsWith("DATABASE_URL."))?.[1] ?? "", outputs: app.accessories.db };
}

const inputsOf = (noun: string, name: string): Promise<Record<string, unknown>> =>
  vi.waitFor(() => {
    const found = program.registered.find((one) => one.type.endsWith(`:${noun}`) && one.name === name);
    if (found === undefined) throw new Error(`${noun} ${name} was not registered`);
    return found.inputs;
  });

const known = async <T>(output: pulumi.Output<T> | undefined): Promise<T | undefined> => (await seen(output)).value;

describe("the outputs of an accessory on the app's server", () => {
  it("are its container's name, its port, and its URL as a secret", async () => {
    const web = aServer();
    const { hosts, host, port, url, published } = outputsOf({}, web);
    expect(hosts).toEqual([web.name]);
    expect(await seen(host)).toEqual({ value: `app-${count}-db-production`, isSecret: false });
    expect(await seen(port)).toEqual({ value: 5432, isSecret: false });
    expect(await seen(url)).toEqual({
      value: `postgres://app%20user:${ENCODED}@app-${count}-db-production:5432/shop`,
      isSecret: true,
    });
    expect(published).toEqual({});
  });

  it("are what references say", async () => {
    const web = aServer();
    const { url, outputs } = await referenceIn(web, { image: "postgres:17.2", host: web, env: ENV });
    expect(url).toContain(ENCODED);
    expect(await known(outputs.url)).toBe(url);
  });

  it("have a URL in the clear where nothing of it is a secret", async () => {
    const { url } = outputsOf({ image: "redis:8.0", env: {} });
    expect(await seen(url)).toEqual({ value: `redis://app-${count}-db-production:6379`, isSecret: false });
  });

  it("have a secret URL also if the password is in plain text", async () => {
    const { url } = outputsOf({ env: { POSTGRES_PASSWORD: "pw" } });
    expect(await seen(url)).toMatchObject({ value: expect.stringContaining("postgres:pw@"), isSecret: true });
  });

  it("have no URL where image and environment do not decide it", () => {
    expect(outputsOf({ image: "acme/search", port: 7700 }).url).toBeUndefined();
    expect(outputsOf({ image: "redis:8.0", cmd: "redis-server --requirepass pw" }).url).toBeUndefined();
  });

  it("have no port where none is known", () => {
    const { host, port } = outputsOf({ image: "acme/search" });
    expect(host).toBeDefined();
    expect(port).toBeUndefined();
  });

  it("are waited for: what takes one of them is created after the accessory", async () => {
    const { host, url } = outputsOf({});
    const needs = await needsWith(program, { host, url });
    expect(needs).toContainEqual(expect.stringMatching(new RegExp(`^app-${count}-db-host-`)));
  });
});

describe("a URL of one app's accessory in the environment of another app", () => {
  it("is a secret there, and that app's release waits for the accessory", async () => {
    const web = aServer();
    const { url = "" } = outputsOf({}, web);
    const [owner, name] = [`app-${count}`, `app-${++count}`];
    new App(name, { image: IMAGE, servers: web, proxy: { host: `${name}.example` }, env: { secret: { DATABASE_URL: url } } });
    const { secrets } = await inputsOf("Release", name);
    expect(secrets).toMatchObject({ value: { env_DATABASE_URL: expect.stringContaining(`@${owner}-db-production:5432/`) } });
    expect(
      needsOf(program.requests().find((request) => request.getName() === name && request.getType().endsWith("Release"))),
    ).toContain(`${owner}-db-${web.name}`);
  });
});

describe("the outputs of an accessory on a different server", () => {
  const at = (port: string | number, more: Partial<AccessoryArgs> = {}) => {
    const [web, data] = [aServer(), aServer("203.0.113.20")];
    return { web, data, outputs: outputsOf({ host: undefined, hosts: data, port, ...more }, web) };
  };

  it("are the published address, for the app and for others", async () => {
    const { data, outputs } = at("10.0.0.5:5433:5432");
    const url = `postgres://app%20user:${ENCODED}@10.0.0.5:5433/shop`;
    expect(await known(outputs.host)).toBe("10.0.0.5");
    expect(await known(outputs.port)).toBe(5433);
    expect(await known(outputs.url)).toBe(url);
    const published = outputs.published[data.name];
    expect(await known(published?.host)).toBe("10.0.0.5");
    expect(await known(published?.port)).toBe(5433);
    expect(await seen(published?.url)).toEqual({ value: url, isSecret: true });
  });

  it("are what references say there", async () => {
    const [web, data] = [aServer(), aServer("203.0.113.21")];
    const { url, outputs } = await referenceIn(web, { image: "postgres:17.2", host: data, env: ENV, port: "10.0.0.5:5433:5432" });
    expect(url).toContain("@10.0.0.5:5433/");
    expect(await known(outputs.url)).toBe(url);
  });

  it("have the server's address where it listens on all", async () => {
    const { data, outputs } = at(5432, { public: true });
    expect(await known(outputs.host)).toBe("203.0.113.20");
    expect(await known(outputs.published[data.name]?.url)).toContain("@203.0.113.20:5432/");
  });

  it("have brackets around IPv6 in a URL only", async () => {
    const { outputs } = at("[fd00::5]:5432:5432");
    expect(await known(outputs.host)).toBe("fd00::5");
    expect(await known(outputs.url)).toContain("@[fd00::5]:5432/");
  });

  it("are undefined where the app cannot reach it", () => {
    const { outputs } = at("127.0.0.1:5432:5432");
    expect(outputs).toMatchObject({ host: undefined, port: undefined, url: undefined, published: {} });
  });
});

describe("the outputs of an accessory", () => {
  it("on each of the app's servers are one name, and a port of each", async () => {
    const [one, two] = [aServer("203.0.113.30"), aServer("203.0.113.31")];
    const { hosts, host, published } = outputsOf({ hosts: [one, two], port: 5432, public: true }, [one, two]);
    expect(hosts).toEqual([one.name, two.name]);
    expect(await known(host)).toBe(`app-${count}-db-production`);
    expect(await known(published[one.name]?.host)).toBe("203.0.113.30");
    expect(await known(published[two.name]?.host)).toBe("203.0.113.31");
  });

  it("are undefined where the app's servers reach it in different ways, but for the published port", async () => {
    const [one, two] = [aServer(), aServer("203.0.113.41")];
    const { host, url, published } = outputsOf({ port: "10.0.0.5:5432:5432" }, [one, two]);
    expect([host, url]).toEqual([undefined, undefined]);
    expect(await known(published[one.name]?.url)).toContain("@10.0.0.5:5432/");
  });
});

describe("an accessory whose config has outputs of other resources", () => {
  it("has a secret URL that a preview may not know, beside a host that it knows", async () => {
    const { host, url } = outputsOf({ env: { ...ENV, secret: { POSTGRES_PASSWORD: later() } } });
    expect(await seen(host)).toEqual({ value: `app-${count}-db-production`, isSecret: false });
    expect(await seen(url)).toEqual({ value: undefined, isSecret: true });
  });

  it("has their values in its URL once they are known", async () => {
    const password = pulumi.secret("s3cret/");
    const { url } = outputsOf({ env: { ...ENV, secret: { POSTGRES_PASSWORD: password } } });
    expect(await seen(url)).toEqual({
      value: `postgres://app%20user:s3cret%2F@app-${count}-db-production:5432/shop`,
      isSecret: true,
    });
  });

  it("has an unknown published address with a server that is not made yet", async () => {
    const data = aServer(later());
    const { host, port, published } = outputsOf({ hosts: data, port: 5432, public: true });
    expect(await seen(host)).toEqual({ value: undefined, isSecret: false });
    expect(await seen(port)).toEqual({ value: 5432, isSecret: false });
    expect(await seen(published[data.name]?.host)).toEqual({ value: undefined, isSecret: false });
    expect(await seen(published[data.name]?.url)).toEqual({ value: undefined, isSecret: true });
  });
});

describe("the names of accessories", () => {
  it("are those of the arguments, also for the compiler", () => {
    const web = aServer();
    const app = new App("typed", {
      image: IMAGE,
      servers: web,
      proxy: { host: "typed.example" },
      accessories: { cache: { image: "redis:8.0", host: web } },
    });
    // @ts-expect-error The app has no accessory of this name.
    const missing: unknown = app.accessories.db;
    expect(missing).toBeUndefined();
    expect(app.accessories.cache.url).toBeDefined();
  });
});
