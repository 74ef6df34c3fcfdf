import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DockerEngine, Firewall, Hardening, Proxy as ProxyPart, Server } from "../../../../components/index.ts";
import { DockerEngineInputs } from "../../../../providers/docker-engine/inputs.ts";
import { FirewallInputs } from "../../../../providers/firewall/inputs.ts";
import { HardeningInputs } from "../../../../providers/hardening/inputs.ts";
import { ProxyInputs } from "../../../../providers/proxy/inputs.ts";
import { problemsOf } from "../../config/fixture.ts";
import { later, type Mocked, mocked, needsOf, seen } from "../fixture.ts";

const ADDRESS = "203.0.113.20";
const HOST = { address: ADDRESS, port: 22, user: "root" };

let program: Mocked;
beforeAll(async () => {
  program = await mocked();
});
// What is still on its way would meet the mocks of the next file.
afterAll(() => pulumi.runtime.disconnect());

/** What a part registers, without what every resource has. */
const inputsOf = (noun: string, name: string): Promise<Record<string, unknown>> =>
  vi.waitFor(() => {
    const type = `pulumi-nodejs:dynamic/slipway:${noun}`;
    const found = program.registered.find((one) => one.type === type && one.name === name);
    if (found === undefined) throw new Error(`${type} ${name} was not registered`);
    return Object.fromEntries(Object.entries(found.inputs).filter(([key]) => !key.startsWith("__")));
  });

const needs = (name: string) => needsOf(program.requests().findLast((request) => request.getName() === name));

describe("a part of a machine without a Server", () => {
  it("is Docker", async () => {
    new DockerEngine("ci-1", { address: ADDRESS, user: "admin", version: "28", settings: { "live-restore": true } });
    const inputs = await inputsOf("DockerEngine", "ci-1");
    expect(DockerEngineInputs.parse(inputs)).toEqual({
      schema: 1,
      host: { ...HOST, name: "ci-1", user: "admin" },
      patience: 0,
      install: true,
      version: "28",
      settings: { "live-restore": true },
      status: "running",
    });
  });

  it("is a firewall, which opens what is listed and nothing else", async () => {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
    const allow = [{ port: 5432, from: ["10.0.0.0/16"] }];
    new Firewall("db-1", { address: ADDRESS, hostKey, port: 2222, sshFrom: ["198.51.100.0/24"], allow });
    expect(FirewallInputs.parse(await inputsOf("Firewall", "db-1"))).toEqual({
      schema: 1,
      host: { ...HOST, name: "db-1", port: 2222, hostKey },
      stack: "slipway/production",
      ssh: ["198.51.100.0/24"],
      open: ["5432/tcp from 10.0.0.0/16"],
      status: "closed but for these",
    });
    new Firewall("db-2", { address: ADDRESS });
    expect(await inputsOf("Firewall", "db-2")).toMatchObject({ ssh: ["0.0.0.0/0", "::/0"], open: [] });
  });

  it("is the hardening of SSH, which waits for a machine that is still made", async () => {
    new Hardening("web-1", { address: pulumi.output(ADDRESS), user: "admin", harden: { user: "ship" } });
    expect(HardeningInputs.parse(await inputsOf("Hardening", "web-1"))).toEqual({
      schema: 1,
      host: { ...HOST, name: "web-1", user: "admin" },
      user: "ship",
      patience: 600,
      status: "key only, no root login",
    });
    new Hardening("web-2", { address: ADDRESS });
    expect(await inputsOf("Hardening", "web-2")).toMatchObject({ user: "deploy", patience: 0 });
  });

  it("is kamal-proxy", async () => {
    new ProxyPart("web-1", { address: ADDRESS, httpPort: 8080, httpsPort: 8443, logMaxSize: "50m" });
    expect(ProxyInputs.parse(await inputsOf("Proxy", "web-1"))).toMatchObject({
      host: { ...HOST, name: "web-1" },
      stack: "slipway/production",
      publish: ["8080:80", "8443:443"],
      logMaxSize: "50m",
    });
  });
});

describe("what a hardened machine's connection goes into", () => {
  it("logs in as the new user, once that is done", async () => {
    const { connection } = new Hardening("chain-1", { address: ADDRESS });
    new Firewall("chain-1-rules", { ...connection, allow: [{ port: 443 }] });
    expect(await inputsOf("Firewall", "chain-1-rules")).toMatchObject({ host: { address: ADDRESS, user: "deploy" } });
    expect(needs("chain-1-rules")).toEqual(["chain-1"]);
    new DockerEngine("chain-1-docker", connection);
    expect(await inputsOf("DockerEngine", "chain-1-docker")).toMatchObject({ patience: 0 });
  });

  it("may be a Server", async () => {
    const { connection } = new Hardening("chain-2", { address: ADDRESS });
    const { user } = new Server("chain-2-server", { ...connection, proxy: false });
    expect(await seen(user)).toEqual({ value: "deploy", isSecret: false });
    expect(await inputsOf("DockerEngine", "chain-2-server-docker")).toMatchObject({ host: { user: "deploy" } });
    expect(needs("chain-2-server-docker")).toContain("chain-2");
  });
});

describe("a part of a machine is refused", () => {
  it("with the messages of a Server's, by its own arguments", () => {
    const args = { address: ADDRESS, hostKey: "ssh-ed25519 AAAA", allow: [{ port: 0 }], open: [80] };
    const problems = problemsOf(() => new Firewall("db 1", args as ConstructorParameters<typeof Firewall>[1]));
    const places = problems.map((problem) => problem.split(" ")[0]);
    expect(places.sort()).toEqual(["allow[0].port", "hostKey", "name", "open"]);
    expect(() => new Firewall("db-1", { address: ADDRESS, sshFrom: ["anywhere"] })).toThrow(
      'the arguments of the firewall db-1: 1 problem\n  sshFrom[0]   "anywhere" is not an address range: 198.51.100.0/24',
    );
    expect(() => new DockerEngine("ci-1", { address: ADDRESS, version: "new" })).toThrow(
      /^the arguments of the Docker engine ci-1: 1 problem\n {2}version /,
    );
    expect(() => new Hardening("db-1", { address: ADDRESS, harden: { user: "root" } })).toThrow(
      /^the arguments of the hardening db-1: 1 problem\n {2}harden\.user /,
    );
    expect(() => new ProxyPart("web-1", { address: ADDRESS, httpsPort: 80 })).toThrow(
      /^the arguments of the proxy web-1: 1 problem\n {2}httpsPort /,
    );
  });

  it("for an output that has to be known", () => {
    const version = later() as unknown as string;
    expect(problemsOf(() => new DockerEngine("ci-1", { address: ADDRESS, version }))).toEqual([
      "version cannot be an output: it has to be known when the program runs, because it is checked before anything is changed; write the value itself",
    ]);
  });

  it("by the compiler, for a wrong argument", () => {
    // @ts-expect-error It is `sshFrom`.
    expect(() => new Firewall("typed-1", { address: ADDRESS, sshfrom: [] })).toThrow("sshfrom");
    // @ts-expect-error A number.
    expect(() => new ProxyPart("typed-2", { address: ADDRESS, httpPort: "80x" })).toThrow("httpPort");
    // @ts-expect-error `user` is who logs in before; the new one is in `harden`.
    expect(() => new Hardening("typed-3", { address: ADDRESS, newUser: "ship" })).toThrow("newUser");
    // @ts-expect-error It is `version`.
    expect(() => new DockerEngine("typed-4", { address: ADDRESS, verison: "28" })).toThrow("verison");
  });
});
