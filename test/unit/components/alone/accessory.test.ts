import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Accessory } from "../../../../components/alone/accessory.ts";
import type { StandaloneAccessoryArgs } from "../../../../components/alone/accessory-args.ts";
import { App } from "../../../../components/app/app.ts";
import { Server } from "../../../../components/server/server.ts";
import { AccessoryInputs } from "../../../../providers/accessory/inputs.ts";
import { ScheduleInputs } from "../../../../providers/schedule/inputs.ts";
import { problemsOf } from "../../config/fixture.ts";
import { later, type Mocked, mocked, needsOf, needsWith, seen } from "../fixture.ts";

const IMAGE = `ghcr.io/acme/shop:1.4.2@sha256:${"9f31".repeat(16)}`;
const PASSWORD = "canary/p4ssword";
const ENV = { clear: { POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: PASSWORD } };
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const sealed = (value: unknown) => ({ ...SECRET, value });

let program: Mocked;
let count = 0;

beforeAll(async () => {
  program = await mocked(undefined, "preview");
});
// What is still on its way would meet the mocks of the next file.
afterAll(() => pulumi.runtime.disconnect());

const aServer = (more: Partial<ConstructorParameters<typeof Server>[1]> = {}) =>
  new Server(`host-${++count}`, { address: "203.0.113.10", proxy: false, ...more });

/** A PostgreSQL with these arguments. */
const aDatabase = (name: string, args: Partial<StandaloneAccessoryArgs> = {}, opts?: pulumi.ComponentResourceOptions) =>
  new Accessory(name, { server: aServer(), image: "postgres:17.2", env: ENV, ...args }, opts);

const inputsOf = (noun: string, name: string): Promise<Record<string, unknown>> =>
  vi.waitFor(() => {
    const found = program.registered.find((one) => one.type.endsWith(`:${noun}`) && one.name === name);
    if (found === undefined) throw new Error(`${noun} ${name} was not registered`);
    return found.inputs;
  });

const requestOf = (noun: string, name: string) =>
  program.requests().find((one) => one.getType().endsWith(`:${noun}`) && one.getName() === name);

const plain = (inputs: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([key, value]) => {
      if (key.startsWith("__")) return [];
      const isSealed = typeof value === "object" && value !== null && Object.keys(SECRET).every((mark) => mark in value);
      return [[key, isSealed ? Object(value).value : value]];
    }),
  );

describe("an accessory without an app", () => {
  it("is declared as an app's, under its own name and the stack's, with its secrets sealed", async () => {
    const server = aServer();
    aDatabase("orders", { server, port: "127.0.0.1:5432:5432", options: { memory: "1g" } });
    const inputs = await inputsOf("Accessory", `orders-${server.name}`);
    expect(inputs).toMatchObject({
      service: "orders-production",
      accessory: "orders",
      container: "orders-production",
      image: "postgres:17.2",
      preset: "postgres",
      host: { name: server.name, address: "203.0.113.10", port: 22, user: "root" },
      stack: "slipway/production",
      env: { POSTGRES_DB: "shop" },
      secrets: sealed({ accessories_orders_POSTGRES_PASSWORD: PASSWORD }),
      publish: [{ ip: "127.0.0.1", hostPort: 5432, containerPort: 5432, protocol: "tcp" }],
      data: "keep",
    });
    expect(AccessoryInputs.parse(plain(inputs))).not.toHaveProperty("destination");
    expect(JSON.stringify({ ...inputs, secrets: undefined })).not.toContain("canary");
  });

  it("waits for its server, and needs nothing else", async () => {
    const server = aServer();
    aDatabase("waits", { server });
    await inputsOf("Accessory", `waits-${server.name}`);
    expect(needsOf(requestOf("Accessory", `waits-${server.name}`))).toEqual([`${server.name}-docker`]);
    const own = program.registered.filter(({ name }) => name.startsWith("waits-")).map(({ type }) => type.split(":").at(-1));
    expect(own).toEqual(["Accessory"]);
  });

  it("has a container of another name with service", async () => {
    const server = aServer();
    aDatabase("kamals", { server, service: "shop-db" });
    expect(await inputsOf("Accessory", `kamals-${server.name}`)).toMatchObject({ container: "shop-db", service: "shop-db" });
  });

  it("is protected, or left to run, where it says so", async () => {
    const kept = async (name: string, args: Partial<StandaloneAccessoryArgs>, opts?: pulumi.ComponentResourceOptions) => {
      const server = aServer();
      aDatabase(name, { server, ...args }, opts);
      await inputsOf("Accessory", `${name}-${server.name}`);
      const request = requestOf("Accessory", `${name}-${server.name}`);
      return [request?.getProtect(), request?.getRetainondelete()];
    };
    expect(await kept("kept-1", { protect: true }, { retainOnDelete: true })).toEqual([true, true]);
    expect(await kept("kept-2", {}, { protect: true })).toEqual([true, false]);
    expect(await kept("kept-3", {})).toEqual([false, false]);
  });

  it("is backed up by a schedule of its own, whose keys are sealed", async () => {
    const server = aServer();
    const s3 = { bucket: "backups", region: "eu", endpoint: "https://s3.example", accessKey: ["KEY"], secretKey: ["OTHER"] };
    const secrets = { KEY: "canary-key", OTHER: pulumi.secret("canary-secret") };
    aDatabase("saved", { server, secrets, backup: { schedule: "17 3 * * *", keep: 14, to: { s3 } } });
    const inputs = await inputsOf("Schedule", `saved-${server.name}-schedule`);
    expect(inputs).toMatchObject({
      service: "saved-production",
      jobs: {},
      backups: { saved: { container: "saved-production" } },
    });
    expect(inputs.secrets).toMatchObject(sealed({ KEY: "canary-key", OTHER: "canary-secret" }));
    expect(JSON.stringify({ ...inputs, secrets: undefined })).not.toContain("canary");
    expect(ScheduleInputs.parse(plain(inputs)).backups.saved).toMatchObject({ folder: "saved-production", cron: "17 3 * * *" });
    expect(needsOf(requestOf("Schedule", `saved-${server.name}-schedule`))).toContain(`saved-${server.name}`);
  });
});

describe("the outputs of an accessory without an app", () => {
  it("are its container's name, its port, and its URL as a secret, which what takes them waits for", async () => {
    const server = aServer();
    const { hosts, host, port, url, published } = aDatabase("outputs", { server });
    expect(hosts).toEqual([server.name]);
    expect(await seen(host)).toEqual({ value: "outputs-production", isSecret: false });
    expect(await seen(port)).toEqual({ value: 5432, isSecret: false });
    expect(await seen(url)).toEqual({
      value: "postgres://postgres:canary%2Fp4ssword@outputs-production:5432/shop",
      isSecret: true,
    });
    expect(published).toEqual({});
    expect(await needsWith(program, { url })).toContain(`outputs-${server.name}`);
  });

  it("have the published address for other machines", async () => {
    const server = aServer();
    const { published } = aDatabase("published", { server, port: "10.0.0.5:5433:5432" });
    const own = published[server.name];
    expect(await seen(own?.host)).toEqual({ value: "10.0.0.5", isSecret: false });
    expect(await seen(own?.url)).toMatchObject({ value: expect.stringContaining("@10.0.0.5:5433/shop"), isSecret: true });
  });

  it("have no name for the containers of `kamal` if it is in a network of its own", () => {
    expect(aDatabase("apart", { network: "apart" })).toMatchObject({ host: undefined, port: undefined, url: undefined });
  });

  it("are known while its password is not, but for the URL", async () => {
    const server = aServer();
    const { host, url } = aDatabase("later", { server, env: { secret: { POSTGRES_PASSWORD: later(true) } } });
    expect(await seen(host)).toEqual({ value: "later-production", isSecret: false });
    expect(await seen(url)).toEqual({ value: undefined, isSecret: true });
    expect(JSON.stringify(await inputsOf("Accessory", `later-${server.name}`))).not.toContain("pending-");
  });
});

describe("an accessory without an app is refused", () => {
  const refusals = (args: object, name = "wrong"): string[] => {
    const server = aServer();
    return problemsOf(() => new Accessory(name, { server, image: "redis:8.0", ...args }));
  };

  it("with the messages of an app's, by its own arguments", () => {
    expect(refusals({ bootTimeout: 0, portt: 1 })).toEqual([
      "bootTimeout should be at least 1",
      "portt unknown key; did you mean port?",
    ]);
    const options = { publish: ["0.0.0.0:5432:5432"] };
    expect(() => new Accessory("wrong", { server: aServer(), image: "not an image", options })).toThrow(
      /^the arguments of the accessory wrong: 2 problems\n {2}image +"not an image" .*\n {2}options\.publish +"0\.0\.0\.0:5432" is reachable from outside/,
    );
  });

  it("for a name that is none", () => {
    expect(refusals({}, "my db")).toContainEqual(expect.stringMatching(/^name "my db" is not a valid name of an accessory/));
  });

  it("for what decides where an app's accessory runs", () => {
    expect(refusals({ role: "web", hosts: ["203.0.113.10"] })).toEqual([
      "hosts is no argument of an accessory without an app: set server",
      "role is no argument of an accessory without an app: set server",
    ]);
    expect(refusals({ server: "web-1" })).toEqual(["server should be a Server"]);
  });

  it("for an output as its name", () => {
    expect(refusals({ service: later() })).toEqual([
      "service cannot be an output: it has to be known when the program runs, because it is a part of names on the hosts; write the name itself",
    ]);
  });

  it("for a certificate of its own, which a release would bring to the proxy", () => {
    const ssl = { certificatePem: "CERTIFICATE", privateKeyPem: "KEY" };
    const proxy = { host: "search.example", ssl };
    expect(refusals({ port: 7700, proxy }).some((problem) => problem.startsWith("proxy.ssl"))).toBe(true);
  });

  it("if it publishes a port that the firewall of its server closes", () => {
    const server = aServer({ firewall: true });
    expect(() => aDatabase("closed", { server, port: 5432, public: true })).toThrow(
      /the firewall of a server closes what the accessory closed publishes\n[\s\S]*closed publishes 5432\/tcp on host-/,
    );
  });

  it("by the compiler, for a wrong argument and one that names hosts", () => {
    const server = aServer();
    const image = "redis:8.0";
    // @ts-expect-error There is no such argument.
    expect(() => new Accessory("typed-1", { server, image, bootTimout: 5 })).toThrow("bootTimout");
    // @ts-expect-error It runs on one server.
    expect(() => new Accessory("typed-2", { server, image, host: server })).toThrow("set server");
    // @ts-expect-error It runs on a server.
    expect(() => new Accessory("typed-3", { image })).toThrow("should be a Server");
  });
});

describe("an app and an accessory on one server", () => {
  const anApp = (name: string, server: Server, more: object = {}) =>
    new App(name, { image: IMAGE, servers: server, proxy: { host: `${name}.example` }, ...more });

  it("may have the same name: no name on the host is that of both", async () => {
    const server = aServer();
    const backup = { schedule: "17 3 * * *", to: { directory: "/var/backups" } };
    aDatabase("same", { server, backup });
    anApp("same", server, {
      accessories: { cache: { image: "redis:8.0", host: server, backup: { ...backup, volumes: ["x"] } } },
    });
    await inputsOf("Release", "same");
    expect(await inputsOf("Accessory", `same-${server.name}`)).toMatchObject({ container: "same-production" });
    expect(await inputsOf("Accessory", `same-cache-${server.name}`)).toMatchObject({ container: "same-cache-production" });
    const schedules = program.registered.filter(({ type, name }) => type.endsWith(":Schedule") && name.startsWith("same-"));
    const names = schedules.map(({ inputs }) => [inputs.service, inputs.destination]);
    expect(names).toEqual([
      ["same-production", undefined],
      ["same", "production"],
    ]);
  });

  it("are refused with one name for both, whichever comes first", () => {
    const first = aServer();
    const accessories = { db: { image: "postgres:17.2", host: first, env: ENV } };
    anApp("first", first, { accessories });
    expect(() => aDatabase("db", { server: first, service: "first-db-production" })).toThrow(
      `the app first and the accessory db would both use the name first-db-production on ${first.name}`,
    );
    const second = aServer();
    aDatabase("web", { server: second, service: "second-web-production" });
    expect(() => anApp("second", second)).toThrow(
      `the accessory web and the app second would both use the name second-web-production on ${second.name}`,
    );
    const third = aServer();
    aDatabase("one", { server: third, service: "orders" });
    expect(() => aDatabase("two", { server: third, service: "orders" })).toThrow(
      `the accessory one and the accessory two would both use the name orders on ${third.name}`,
    );
  });

  it("may have one name on two servers", () => {
    aDatabase("there-1", { service: "there" });
    expect(() => aDatabase("there-2", { service: "there" })).not.toThrow();
  });
});
