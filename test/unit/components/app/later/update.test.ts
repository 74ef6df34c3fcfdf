import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { App } from "../../../../../components/app/app.ts";
import { Server } from "../../../../../components/server/server.ts";
import { mocked, needsOf, type Registered, type Request } from "../../fixture.ts";
import { IMAGE } from "./leaf-values.ts";

/** A resource of a user's program, whose outputs only the run knows. */
class Sizing extends pulumi.CustomResource {
  declare readonly seconds: pulumi.Output<number>;
  declare readonly memory: pulumi.Output<string>;
  declare readonly text: pulumi.Output<string>;

  constructor(name: string) {
    super("acme:index:Sizing", name, { seconds: undefined, memory: undefined, text: undefined });
  }
}

let registered: readonly Registered[];
let requests: readonly Request[];
const inputsOf = (name: string) => registered.find((one) => one.name === name && isOurs(one.type))?.inputs;
const needs = (name: string) => needsOf(requests.find((request) => request.getName() === name && isOurs(request.getType())));
const isOurs = (type: string) => type.startsWith("pulumi-nodejs:dynamic/slipway:");

beforeAll(async () => {
  const made = { outputs: { seconds: 45, memory: "512m", text: "maxmemory 1gb\n" } };
  const all = await mocked(({ type }) => (type === "acme:index:Sizing" ? made : {}));
  const sizing = new Sizing("sizing");
  const web = new Server("web-1", { address: "203.0.113.10" });
  const file = { content: sizing.text, remote: "/etc/redis.conf" };
  new App("shop", {
    image: IMAGE,
    version: "1.4.2",
    servers: { web: { hosts: web, options: { memory: sizing.memory } } },
    proxy: { host: "shop.example" },
    drainTimeout: sizing.seconds,
    env: { LIMIT: sizing.seconds },
    accessories: { cache: { image: "redis:8", host: web, files: [file] }, db: { image: "postgres:17", host: web } },
  });
  await vi.waitFor(() => expect(all.registered.map(({ type }) => type)).toContain("pulumi-nodejs:dynamic/slipway:Release"));
  registered = all.registered;
  requests = all.requests();
});

describe("in an update", () => {
  it("a resource has the values that its outputs have become", () => {
    expect(inputsOf("shop")).toMatchObject({
      drainTimeout: 45,
      roles: { web: { options: { memory: 512 * 2 ** 20 } } },
      secrets: { value: { env_LIMIT: "45" } },
      containers: { "web-1/web": expect.stringMatching(/^1\.4\.2-[0-9a-f]{8}$/) },
    });
    expect(inputsOf("shop-cache-web-1")).toMatchObject({ files: { value: [{ content: "maxmemory 1gb\n" }] } });
  });

  it("waits for the resource that has them, and no other resource does", () => {
    expect(needs("shop")).toContain("sizing");
    expect(needs("shop-cache-web-1")).toContain("sizing");
    expect(needs("shop-db-web-1")).not.toContain("sizing");
  });
});
