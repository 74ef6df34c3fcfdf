import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { App } from "../../../../components/app/app.ts";
import type { AppArgs } from "../../../../components/app/args.ts";
import { Server } from "../../../../components/server/server.ts";
import { Deadline } from "../../../../core/deadline.ts";
import { later } from "../fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const IMAGE = `ghcr.io/acme/shop:1.4.2@${DIGEST}`;
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const sealed = (value: unknown) => ({ ...SECRET, value });

const registered = new Map<string, Record<string, unknown>>();

/** The inputs of a resource, once it is registered. */
const inputsOf = (name: string): Promise<Record<string, unknown>> =>
  Deadline.in(10).until(
    async () => registered.get(name),
    () => new Error(`${name} was not registered, only ${[...registered.keys()].join(", ")}`),
  );

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.set(`${type.split(":").at(-1)} ${name}`, inputs);
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "acme",
    "production",
    true,
  );
});

describe("an app of a program", () => {
  it("is declared as a stack's file declares it, beside another one of the same servers", async () => {
    const web = new Server("web-1", { address: "203.0.113.10", hostKey: undefined });
    const db = { image: "postgres:17.2", host: web, env: { secret: { POSTGRES_PASSWORD: "canary-p4ssword" } } };
    const proxy = { host: "shop.example", appPort: 3000 };
    new App("shop", { image: IMAGE, servers: web, proxy, accessories: { db }, env: { RATE_LIMIT: 10 } });
    new App("blog", {
      image: IMAGE,
      servers: { web: [web], worker: { hosts: web, cmd: "bin/jobs" } },
      accessories: { db },
      proxy: { host: "blog.example" },
    });
    expect(await inputsOf("Release shop")).toMatchObject({
      service: "shop",
      destination: "production",
      version: "1.4.2",
      roles: { web: { env: { RATE_LIMIT: "10" }, hosts: ["web-1"] } },
      hosts: { "web-1": { name: "web-1", address: "203.0.113.10", port: 22, user: "root" } },
      routes: { "web-1/web": "http://shop.example → port 3000" },
    });
    expect(await inputsOf("Release blog")).toMatchObject({ service: "blog", roles: { worker: { command: ["bin/jobs"] } } });
    expect(await inputsOf("Accessory shop-db-web-1")).toMatchObject({
      container: "shop-db-production",
      secrets: sealed({ accessories_db_POSTGRES_PASSWORD: "canary-p4ssword" }),
    });
    expect(await inputsOf("Accessory blog-db-web-1")).toMatchObject({ container: "blog-db-production" });
    const perServer = [...registered.keys()].filter((name) => /^(DockerEngine|Proxy) /.test(name));
    expect(perServer.sort()).toEqual(["DockerEngine web-1-docker", "Proxy web-1-proxy"]);
  });
});

describe("a value that is known only later", () => {
  it("leaves everything known that does not depend on it", async () => {
    const server = new Server("later-1", { address: later() });
    const env = { LOG_LEVEL: "info", DATABASE_URL: later(true) };
    new App("later", {
      image: IMAGE,
      servers: { web: server, worker: { hosts: server, env, cmd: "bin/jobs" } },
      proxy: { host: "later.example" },
    });
    const inputs = await inputsOf("Release later");
    expect(inputs).toMatchObject({ service: "later", version: "1.4.2", image: `ghcr.io/acme/shop@${DIGEST}` });
    expect(inputs).toMatchObject({ roles: { web: { env: {} }, worker: { env: { LOG_LEVEL: "info" }, command: ["bin/jobs"] } } });
    expect(inputs).toMatchObject({ hosts: { "later-1": { name: "later-1", port: 22 } } });
    expect(JSON.stringify(inputs)).not.toContain("pending-");
  });

  it("is a secret of the container, sealed, whatever it is", async () => {
    const server = new Server("known-1", { address: pulumi.output("203.0.113.12") });
    const env = { DATABASE_URL: pulumi.secret("postgres://canary"), REGION: pulumi.output("eu") };
    const { release } = new App("known", { image: IMAGE, servers: server, proxy: { host: "known.example" }, env });
    const inputs = await inputsOf("Release known");
    expect(inputs).toMatchObject({
      roles: { web: { env: {}, secretEnv: { DATABASE_URL: "env_DATABASE_URL", REGION: "env_REGION" } } },
      secrets: sealed({ env_DATABASE_URL: "postgres://canary", env_REGION: "eu" }),
      hosts: { "known-1": { address: "203.0.113.12" } },
    });
    expect(JSON.stringify({ ...inputs, secrets: undefined })).not.toMatch(/canary|pending-/);
    expect(inputs.release).toMatch(/^1\.4\.2-[0-9a-f]{8}$/);
    expect(await new Promise((resolve) => release.apply(resolve))).toBe(inputs.release);
  });
});

describe("an app is refused before anything is declared", () => {
  it("if it publishes a port that the firewall of its server closes", () => {
    const server = new Server("closed-1", { address: "203.0.113.13", firewall: { allow: [{ port: 5432 }] } });
    const db = { image: "postgres:17.2", host: server, public: true, env: { secret: { POSTGRES_PASSWORD: "canary" } } };
    const withPort = (port: string) => () =>
      new App("closed", {
        image: IMAGE,
        servers: server,
        proxy: { host: "closed.example" },
        accessories: { db: { ...db, port } },
      });
    expect(withPort("0.0.0.0:5433:5432")).toThrow(
      /the firewall of a server closes what the app closed publishes\n[\s\S]*db publishes 5433\/tcp on closed-1/,
    );
    expect(withPort("0.0.0.0:5432:5432")).not.toThrow();
    const options = { publish: "0.0.0.0:5434:5434" };
    expect(
      () =>
        new App("closed", {
          image: IMAGE,
          servers: server,
          proxy: { host: "closed.example" },
          accessories: { db: { ...db, options } },
        }),
    ).toThrow(/db publishes 5434\/tcp on closed-1/);
  });

  it("with the messages of a stack's file", () => {
    const server = new Server("wrong-1", { address: "203.0.113.14" });
    expect(() => new App("wrong", { image: "not an image", servers: server, stopTimeout: -1 })).toThrow(
      /the arguments of the app wrong: 2 problems\n {2}image [\s\S]*\n {2}stopTimeout +should be at least/,
    );
  });

  it("for what it does not read, with the place where it is read", () => {
    const server = new Server("other-1", { address: "203.0.113.15" });
    const elsewhere = {
      firewall: true,
      proxy: { host: "other.example", run: { httpPort: 8080 } },
      hooks: { onFailure: "bin/notify", preDeploy: "bin/check" },
      servers: { web: { hosts: server, setup: ["sysctl -w vm.swappiness=10"] } },
    };
    // As from JavaScript, where nothing checks the types.
    const args: object = { image: IMAGE, ...elsewhere };
    expect(() => new App("other", args as AppArgs)).toThrow(
      new RegExp(
        [
          "the arguments of the app other: 4 problems",
          " {2}servers.web.setup +is no argument of an app: set setup of the Server",
          " {2}proxy.run +is no argument of an app: set proxy of the Server",
          " {2}firewall +is no argument of an app: set firewall of the Server",
          " {2}hooks.onFailure +is no argument of an app: set it in the stack's config, in slipway:hooks: .*",
        ].join("\n"),
      ),
    );
  });
});
