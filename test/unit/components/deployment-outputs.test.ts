import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Deployment } from "../../../components/deployment.ts";
import { read } from "../config/fixture.ts";
import { mocked, seen } from "./fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
/** How Pulumi marks a secret on its way to the engine. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

interface Outputs {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> };
}

let deployment: Deployment;
let registered: Record<string, unknown>;

beforeAll(async () => {
  const requests = vi.spyOn(MockMonitor.prototype, "registerResourceOutputs");
  await mocked();
  const config = read({
    servers: { web: { hosts: { "web-1": "203.0.113.10" } } },
    secrets: { DB_PASSWORD: "canary/pw" },
    accessories: {
      db: {
        image: "postgres:17.2",
        hosts: { "db-1": "203.0.113.20" },
        port: "10.0.0.5:5432:5432",
        env: { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: ["POSTGRES_PASSWORD:DB_PASSWORD"] },
      },
      cache: { image: "redis:8.0", host: "web-1" },
    },
  });
  deployment = new Deployment(config, Promise.resolve({ image: DIGEST, canary: undefined }));
  const request = await vi.waitFor(() => {
    const calls = requests.mock.calls as unknown as [Outputs][];
    const found = calls.find(([one]) => one.getUrn().endsWith("slipway:Deployment::shop"))?.[0];
    if (found === undefined) throw new Error("the deployment has no outputs");
    return found;
  });
  registered = request.getOutputs().toJavaScript();
});
// What is still on its way would meet the mocks of the next file.
afterAll(() => pulumi.runtime.disconnect());

describe("the accessories of a stack's file", () => {
  it("are outputs, whose URLs with a password are secrets", async () => {
    const { cache, db } = deployment.accessories;
    expect(await seen(db?.url)).toEqual({ value: "postgres://app:canary%2Fpw@10.0.0.5:5432/shop", isSecret: true });
    expect(await seen(cache?.url)).toEqual({ value: "redis://shop-cache-production:6379", isSecret: false });
  });

  it("are in the state with their URLs sealed, and all else in the clear", () => {
    const url = { ...SECRET, value: "postgres://app:canary%2Fpw@10.0.0.5:5432/shop" };
    expect(registered.accessories).toEqual({
      cache: {
        hosts: ["web-1"],
        host: "shop-cache-production",
        port: 6379,
        url: "redis://shop-cache-production:6379",
        published: {},
      },
      db: {
        hosts: ["db-1"],
        host: "10.0.0.5",
        port: 5432,
        url,
        published: { "db-1": { host: "10.0.0.5", port: 5432, url } },
      },
    });
    expect(registered.servers).toEqual({
      "db-1": { address: "203.0.113.20", port: 22, user: "root" },
      "web-1": { address: "203.0.113.10", port: 22, user: "root" },
    });
  });
});
