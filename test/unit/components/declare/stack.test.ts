import { describe, expect, it } from "vitest";
import { readStack } from "../../../../components/declare/stack.ts";
import { SlipwayError } from "../../../../core/error.ts";
import { aProject } from "../../config/fixture.ts";

const DEPLOY = `service: shop
image: acme/shop
servers:
  web: [203.0.113.10]
registry:
  server: ghcr.io
  username: acme
  password: [KAMAL_REGISTRY_PASSWORD]
builder: { arch: amd64 }
proxy: { app_port: 3000 }
env:
  clear: { DB_HOST: shop-db, REDIS_URL: "redis://:hunter2@cache:6379" }
  secret: [API_KEY]
accessories:
  db: { image: postgres:17, host: 203.0.113.10, port: 5432, files: [db/init.sql:/init.sql] }
`;

const SECRETS = JSON.stringify({ KAMAL_REGISTRY_PASSWORD: "p", API_KEY: "k" });

interface Given {
  readonly stack?: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A stack that names Kamal's file, in a project of these files. */
async function read({ stack = "production", keys = {}, files = {} }: Given = {}) {
  using project = aProject({ "Pulumi.yaml": "name: shop\n", "config/deploy.yml": DEPLOY, "db/init.sql": "select 1", ...files });
  const own = Object.entries(keys).map(([key, value]) => [`slipway:${key}`, value]);
  const raw = {
    values: { "slipway:deploy_file": "config/deploy.yml", "slipway:secrets": SECRETS, ...Object.fromEntries(own) },
    secretKeys: new Set(["slipway:secrets"]),
    stack,
    file: `Pulumi.${stack}.yaml`,
    root: project.root,
  };
  const asking = { folder: project.root, env: {}, report: () => {} };
  return (await readStack(raw, () => asking)).config;
}

async function refused(given: Given): Promise<string> {
  try {
    await read(given);
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown.message;
    throw thrown;
  }
  throw new Error("it was not refused");
}

describe("a stack that says only slipway:deploy_file", () => {
  it("has all of Kamal's file, with Kamal's names", async () => {
    const { service, destination, roles, accessories, proxyRun, image } = await read();
    expect([service, destination, image]).toEqual(["shop", undefined, "ghcr.io/acme/shop"]);
    expect(roles.map(({ name, hosts, proxy }) => [name, hosts, proxy?.appPort])).toEqual([["web", ["203.0.113.10"], 3000]]);
    expect(accessories[0]).toMatchObject({ container: "shop-db", publish: { ip: "0.0.0.0", hostPort: 5432 } });
    expect(accessories[0]?.files).toMatchObject([{ path: "/init.sql", mode: 0o755, content: "select 1" }]);
    expect(proxyRun.httpPort).toBe(80);
  });

  it("builds what Kamal builds, in the project's folder", async () => {
    expect((await read()).builder).toMatchObject({ context: ".", platforms: ["linux/amd64"] });
  });

  it("has as secrets what the file has in clear text, beside those of its own", async () => {
    const { secrets, roles } = await read();
    expect(secrets).toMatchObject({ API_KEY: "k", REDIS_URL: "redis://:hunter2@cache:6379" });
    expect(roles[0]?.env).toMatchObject({
      clear: { DB_HOST: "shop-db" },
      secret: { REDIS_URL: "REDIS_URL", API_KEY: "API_KEY" },
    });
  });

  it("lets the stack's own secret come first", async () => {
    const keys = { secrets: JSON.stringify({ ...JSON.parse(SECRETS), REDIS_URL: "other" }) };
    expect((await read({ keys })).secrets.REDIS_URL).toBe("other");
  });

  it("has the secrets of Kamal's files, read where they are", async () => {
    const files = { ".kamal/secrets": "API_KEY=from-file\nKAMAL_REGISTRY_PASSWORD=$(printf 'pass word')\n" };
    const { secrets, registry } = await read({ files, keys: { secrets: "{}" } });
    expect([secrets.API_KEY, registry?.password]).toEqual(["from-file", "pass word"]);
  });

  it("says once what has another form or default here, without any secret", async () => {
    const { notes } = await read();
    expect(notes).toContainEqual(expect.stringMatching(/^config\/deploy\.yml:12 {2}env\.clear\.DB_HOST {2}refers to db/));
    expect(notes).toContainEqual(expect.stringContaining("a request of more than 250 MB is answered with 413"));
    expect(notes.join("\n")).not.toMatch(/hunter2|not needed/);
  });
});

describe("its destination", () => {
  const files = { "config/deploy.staging.yml": "servers: { web: [203.0.113.20] }\n" };

  it("is the one of its name, if that has a file", async () => {
    const { destination, hosts } = await read({ stack: "staging", files });
    expect([destination, hosts.map(({ name }) => name)]).toEqual(["staging", ["203.0.113.10", "203.0.113.20"]]);
    expect((await read({ stack: "other", files })).destination).toBeUndefined();
  });

  it("is what slipway:destination says", async () => {
    expect((await read({ stack: "eu", keys: { destination: "staging" }, files })).destination).toBe("staging");
    expect((await read({ stack: "staging", keys: { destination: "none" }, files })).destination).toBeUndefined();
    expect(await refused({ keys: { destination: "nowhere" } })).toContain("there is no file config/deploy.nowhere.yml");
  });
});

describe("a root key beside it", () => {
  it("replaces that of the file as a whole", async () => {
    const { roles, version, image, builder } = await read({
      keys: { servers: '["203.0.113.30"]', image: `ghcr.io/acme/shop@sha256:${"9".repeat(64)}`, version: "1.4.2", env: "{}" },
    });
    expect(roles.map(({ hosts, env }) => [hosts, env])).toEqual([[["203.0.113.30"], { clear: {}, secret: {} }]]);
    // As a rollback and a promotion write it: nothing is built.
    expect([version, image, builder]).toEqual(["1.4.2", expect.stringContaining("@sha256:999"), undefined]);
  });

  it("that is an image with a tag releases that one: nothing is built", async () => {
    const { image, builder } = await read({ keys: { image: "acme/shop:v7" } });
    expect([image, builder]).toEqual(["ghcr.io/acme/shop:v7", undefined]);
    expect((await read({ keys: { image: "acme/other" } })).builder).toBeDefined();
    expect((await read({ keys: { image: "registry.example:5000/other" } })).builder).toBeDefined();
  });

  it("answers what only a person can decide", async () => {
    const files = {
      "config/deploy.yml": DEPLOY.replace("web: [203.0.113.10]", "web: { hosts: [203.0.113.10], cmd: run $PORT }"),
    };
    expect(await refused({ files })).toContain("$PORT is filled by the host's shell");
    expect((await read({ files, keys: { servers: '["203.0.113.30"]' } })).roles).toHaveLength(1);
  });
});

describe("what is wrong", () => {
  it("is said at once, with the lines of Kamal's file", async () => {
    const files = {
      "config/deploy.yml": DEPLOY.replace(
        "web: [203.0.113.10]",
        "web: { hosts: [203.0.113.300], options: { env-file: /x } }",
      ).replace("app_port: 3000", "app_port: 70000"),
    };
    expect(await refused({ files, keys: { deploy_timeout: "-1", secrets: '{"API_KEY":"k"}' } })).toMatchInlineSnapshot(`
      "Pulumi.production.yaml, with slipway:deploy_file: config/deploy.yml: 5 problems
        config/deploy.yml:4     servers.web.options.env-file  is a file of the host, whose changes no plan would show: write its variables under env, and what is secret under env.secret
        config/deploy.yml:10    proxy.app_port                should be at most 65535
        Pulumi.production.yaml  slipway:deploy_timeout        should be at least 1
        config/deploy.yml:4     servers.web.hosts[0]          "203.0.113.300" is not an address or host name
        config/deploy.yml:8     registry.password             KAMAL_REGISTRY_PASSWORD is not set: pulumi config set --secret --path 'slipway:secrets.KAMAL_REGISTRY_PASSWORD'
        serves now: what served before; nothing was changed
        next: correct it in config/deploy.yml, or write that root key into Pulumi.production.yaml, where it replaces the file's; then run pulumi preview again
        code: CONFIG_INVALID"
    `);
  });

  it("is a file that Kamal could not read either", async () => {
    expect(await refused({ files: { "config/deploy.yml": "a: [" } })).toContain("config/deploy.yml:1 is not YAML");
    expect(await refused({ keys: { deploy_file: "deploy.yml" } })).toContain("there is no file deploy.yml");
    expect(await refused({ keys: { deploy_file: "../config/deploy.yml" } })).toContain("is not in the project");
  });
});

it("values of the environment are those of the run, and what only concerns commands stops nothing", async () => {
  const files = {
    "config/deploy.yml": `${DEPLOY.replace("3000", '<%= ENV["SHOP_PORT"] || 4000 %>')}aliases: { x: server exec uptime }\ntraefik: { args: { a: 1 } }\n`,
  };
  const { roles, notes } = await read({ files });
  expect(roles[0]?.proxy?.appPort).toBe(4000);
  expect(notes.join("\n")).toContain("aliases.x");
  expect(notes.join("\n")).toContain("kamal-proxy takes the place of Traefik");
});
