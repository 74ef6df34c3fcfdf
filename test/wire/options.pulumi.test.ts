import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePulumi } from "../../tools/pulumi/index.ts";
import { ComponentProject } from "./component-project.ts";

/** Some runs of the CLI, on a machine under load. */
const PATIENCE = 240_000;

const UP = ["up", "--yes", "--skip-preview", "--stack"];
const NOTHING = "export {};\n";
const IMPORTS = `import * as pulumi from "@pulumi/pulumi";
import * as slipway from "slipway";
`;

let project: ComponentProject;

// Builds the CLI if it is missing.
beforeAll(async () => {
  await ensurePulumi();
  project = await ComponentProject.create();
}, 900_000);
afterAll(() => project[Symbol.asyncDispose]());

/** A new stack, so that no test sees what another one has left. */
const aStack = async (name: string): Promise<string> => {
  await project.must(NOTHING, "stack", "init", name);
  return name;
};

describe("options of a server", () => {
  it(
    "order it after another resource, protect it from removal, leave it as it is, or leave it to its machine",
    async () => {
      const stack = await aStack("removal");
      const guarded = `new slipway.Server("guarded-1", { address: "203.0.113.4" }, { protect: true });\n`;
      const servers = `${IMPORTS}${guarded}
const machine = new slipway.HostKey("machine");
new slipway.Server("kept-1", { address: "203.0.113.1" }, { retainOnDelete: true });
new slipway.Server("gone-1", { address: "203.0.113.2" }, { deletedWith: machine });
const network = new slipway.HostKey("network");
new slipway.Server("plain-1", { address: "203.0.113.3" }, { dependsOn: network });
`;
      const made = await project.must(servers, ...UP, stack);
      expect(made.calls.indexOf("create network-host-key")).toBeLessThan(made.calls.indexOf("create plain-1-docker"));
      const refused = await project.run(NOTHING, "preview", "--stack", stack);
      expect(refused).toMatchObject({
        succeeded: false,
        output: expect.stringMatching(/guarded-1-\w+" cannot be deleted\s+because it is protected/),
      });
      const { calls } = await project.must(`${IMPORTS}${guarded}`, ...UP, stack);
      expect(calls.toSorted()).toEqual([
        "delete machine-host-key",
        "delete network-host-key",
        "delete plain-1-docker",
        "delete plain-1-proxy",
      ]);
      expect(calls.indexOf("delete plain-1-docker")).toBeLessThan(calls.indexOf("delete network-host-key"));
    },
    PATIENCE,
  );

  it(
    "keep its resources under a new name and another parent",
    async () => {
      const stack = await aStack("aliases");
      const server = (rest: string) => `${IMPORTS}
const parent = new pulumi.ComponentResource("acme:Platform", "platform");
new slipway.Server(${rest});
`;
      await project.must(server(`"old-1", { address: "203.0.113.1" }`), ...UP, stack);
      const renamed = server(`"new-1", { address: "203.0.113.1" }, { aliases: [{ name: "old-1" }] }`);
      // With a refresh while the program runs, as our commands do it, Pulumi 3.259 panics here (pulumi/pulumi#21404).
      const { calls } = await project.must(renamed, ...UP, stack, "--run-program", "--refresh=false");
      expect(calls.toSorted()).toEqual(["update new-1-docker", "update new-1-proxy"]);
      const moved = server(`"new-1", { address: "203.0.113.1" }, { parent, aliases: [{ parent: pulumi.rootStackResource }] }`);
      expect((await project.must(moved, ...UP, stack, "--refresh")).calls).toEqual([]);
    },
    PATIENCE,
  );
});

describe("a program with two apps", () => {
  const APPS = (version: string, opts = "{}") => `${IMPORTS}
const web = new slipway.Server("web-1", { address: "203.0.113.10" });
const image = "ghcr.io/acme/shop@sha256:${"9f31".repeat(16)}";
const db = { image: "postgres:17.2", host: web, env: { POSTGRES_USER: "app", POSTGRES_PASSWORD: pulumi.secret("canary") } };
const common = { image, version: "${version}", servers: web };
const shop = new slipway.App("shop", { ...common, proxy: { host: "shop.test" }, accessories: { db } }, ${opts});
new slipway.App("blog", { ...common, proxy: { host: "blog.test" } });
export const { urls, release } = shop;
export const database = shop.accessories.db.url;
`;
  let stack: string;
  beforeAll(async () => {
    stack = await aStack("apps");
  });

  it(
    "is changed by transforms, which see inputs and options of every resource",
    async () => {
      const shorter = `async ({ type, props, opts }) => {
        if (!type.endsWith("slipway:Release")) return undefined;
        return { props: { ...props, drainTimeout: 5 }, opts: { ...opts, retainOnDelete: true } };
      }`;
      await project.must(APPS("1", `{ transforms: [${shorter}] }`), ...UP, stack);
      const { output } = await project.must(APPS("1"), "stack", "export", "--stack", stack);
      const { deployment } = JSON.parse(output.slice(output.indexOf("{")));
      const releases = (deployment.resources as Resource[]).filter(({ type }) => type.endsWith("slipway:Release"));
      const found = releases.map(({ urn, inputs, ...options }) => {
        return [urn.split("::").at(-1), inputs.drainTimeout, options.retainOnDelete === true];
      });
      expect(found.sort()).toEqual([
        ["blog", 30, false],
        ["shop", 5, true],
      ]);
    },
    PATIENCE,
  );

  it(
    "has outputs for another stack, where a secret stays one",
    async () => {
      const other = await aStack("reader");
      const reader = `${IMPORTS}
const apps = new pulumi.StackReference("organization/slipway/apps");
export const urls = apps.requireOutput("urls");
export const database = apps.requireOutput("database");
`;
      await project.must(reader, ...UP, other);
      const { output } = await project.must(reader, "stack", "output", "--json", "--stack", other);
      expect(JSON.parse(output)).toEqual({ urls: ["http://shop.test"], database: "[secret]" });
    },
    PATIENCE,
  );

  it(
    "is changed in part by --target: the resource alone, of a component nothing that is below it",
    async () => {
      const none = await project.must(APPS("2"), ...UP, stack, "--target", "**slipway:App::shop");
      expect(none.calls).toEqual([]);
      const one = await project.must(APPS("2"), ...UP, stack, "--target", "**slipway:Release::shop");
      expect(one.calls).toEqual(["update shop"]);
      const rest = await project.must(APPS("2"), ...UP, stack);
      expect(rest.calls).toEqual(["update blog"]);
    },
    PATIENCE,
  );
});

interface Resource {
  readonly type: string;
  readonly urn: string;
  readonly inputs: { readonly drainTimeout?: number };
  readonly retainOnDelete?: boolean;
}
