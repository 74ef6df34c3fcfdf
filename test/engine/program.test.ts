import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabProgram } from "../../lab/program.ts";
import { LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { done } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";

let lab: Lab;
let host: LabHost;
let program: LabProgram;
const images: Record<string, string> = {};

/** Two apps on one server, each with an accessory `db`; the environment of one has an output of another resource. */
const text = (shop: string, blog: string) => `
import * as slipway from "slipway";
const image = ${JSON.stringify(images)};
const registry = ${JSON.stringify({ server: lab.registry.server, username: lab.registry.username, password: lab.registry.password })};
const web = new slipway.Server("web-1", { address: "${host.address}", hostKey: ${JSON.stringify(host.hostKey)} });
const key = new slipway.HostKey("other");
const proxy = { appPort: 3000 };
const db = { image: image.v1, host: web, port: 3000, cmd: "/app", healthcheck: { path: "/up", port: 3000 }, env: { VERSION: "first" } };
const common = { registry, servers: web, readinessDelay: 1 };
${shop}${blog}`;
const SHOP = (version: string, env: string) => `
const shop = new slipway.App("shop", { ...common, image: image.${version}, proxy: { ...proxy, host: "shop.test" }, env: ${env},
  accessories: { db: { ...db, port: "127.0.0.1:7001:3000" } } });
export const { urls, release, version, accessories } = shop;
export const { address, user } = web;`;
const BLOG = `
const blog = new slipway.App("blog", { ...common, image: image.v1, proxy: { ...proxy, host: "blog.test" },
  accessories: { db: { ...db, port: "127.0.0.1:7002:3000" } } });`;
const STORE = `
const { host: _, ...alone } = db;
const login = { server: registry.server, username: registry.username, password: ["REGISTRY"] };
const secrets = { REGISTRY: registry.password };
new slipway.Accessory("db", { ...alone, server: web, port: "127.0.0.1:7003:3000", registry: login, secrets });`;
const WITH_KEY = "{ TOKEN: key.privateKey, PLACE: key.publicKey }";

const visit = (name: string) => lab.load({ url: `http://${host.address}/`, host: name, rate: 50, limit: 300 });

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  for (const version of ["v1", "v2"]) images[version] = await pinnedImage(lab, version);
  program = await LabProgram.create(lab, "acme");
});
afterAll(() => program[Symbol.asyncDispose]());

describe("two apps of one program", () => {
  it("are planned whole in the first preview but for what is known only later", async () => {
    await program.write(text(SHOP("v1", WITH_KEY), BLOG));
    const { output } = await done(program.run("preview"));
    expect(output).toMatch(/slipway:App +shop/);
    expect(output).not.toContain("no plan yet");
    expect(output).toContain("(known after this run)");
    expect(output).not.toMatch(/pending-\d|04da6b54/);
  });

  it("share a server, each with its own accessory, and an output of another resource as a secret", async () => {
    await done(program.run("up", "--yes", "--skip-preview"));
    const shop = await liveOf(host, "shop");
    const { Config } = await host.docker.getContainer(shop.id).inspect();
    expect(Config.Env.find((variable) => variable.startsWith("TOKEN="))).toContain("BEGIN OPENSSH PRIVATE KEY");
    const state = (await program.run("stack", "export")).output;
    expect(state).not.toContain("BEGIN OPENSSH");
    for (const name of ["shop-db-production", "blog-db-production"])
      expect((await host.docker.getContainer(name).inspect()).State.Status).toBe("running");
    const next = await done(program.run("preview", "--expect-no-changes"));
    expect(next.output).toMatch(/\d+ unchanged/);
  });

  it("have outputs to build on", async () => {
    const { output } = await done(program.run("stack", "output", "--json"));
    expect(JSON.parse(output)).toMatchObject({
      urls: ["http://shop.test"],
      accessories: { db: { hosts: ["web-1"], host: "shop-db-production", port: 3000, published: {} } },
      address: host.address,
      user: "root",
    });
  });

  it("are known to the commands, each by its name", async () => {
    const status = await slipway(program, "status");
    expect(status).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/blog[\s\S]*all as declared[\s\S]*shop[\s\S]*all as declared/),
    });
    expect(await slipway(program, "logs")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("name one of them: --app blog"),
    });
    expect((await slipway(program, "releases", "--app", "shop")).stdout).toMatch(/v1-[0-9a-f]{8}.*serves/);
    const rollback = await slipway(program, "rollback", "--app", "shop", "--yes");
    expect(rollback.stderr).toContain("the release is declared by the program");
  });

  it("are released again when an output of another resource changes", async () => {
    const tokenOf = async ({ id }: { readonly id: string }) =>
      (await host.docker.getContainer(id).inspect()).Config.Env.find((variable) => variable.startsWith("TOKEN="));
    const [before, blog] = await Promise.all([liveOf(host, "shop"), liveOf(host, "blog")]);
    const token = await tokenOf(before);
    const key = `urn:pulumi:${program.name}::acme::pulumi-nodejs:dynamic/slipway:HostKey::other-host-key`;
    const { output } = await done(program.run("up", "--yes", "--skip-preview", "--replace", key));
    expect(output).toContain("secret ~TOKEN");
    expect(output).not.toContain("BEGIN OPENSSH");
    const after = await liveOf(host, "shop");
    expect(after.id).not.toBe(before.id);
    expect(await tokenOf(after)).not.toBe(token);
    expect((await liveOf(host, "blog")).id).toBe(blog.id);
  });

  it("change one at a time: users of the others notice nothing, nor of a third app of another project", async () => {
    const proxy = { app_port: 3000, host: "third.test" };
    await using third = await LabStack.create(lab, { image: images.v1, service: "third", readiness_delay: 1, proxy });
    await done(third.up("--skip-preview"));
    const loads = await Promise.all(["blog.test", "third.test"].map(visit));
    await program.write(text(SHOP("v2", WITH_KEY), BLOG));
    await done(program.run("up", "--yes", "--skip-preview"));
    expect((await liveOf(host, "shop")).name).toContain("v2");
    await program.write(text("", BLOG));
    await done(program.run("up", "--yes", "--skip-preview"));
    for (const load of loads) {
      const { failures, requests } = await load.stop();
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThan(50);
    }
    expect(await containersOf(host, "shop")).toEqual([]);
    await done(third.destroy());
    expect(await liveOf(host, "blog")).toMatchObject({ state: "running" });
  });

  it("run beside an accessory without an app, of the same name as theirs", async () => {
    const blog = await liveOf(host, "blog");
    await program.write(text("", BLOG + STORE));
    await done(program.run("up", "--yes", "--skip-preview"));
    const { State } = await host.docker.getContainer("db-production").inspect();
    expect(State.Status).toBe("running");
    expect((await liveOf(host, "blog")).id).toBe(blog.id);
    expect(await slipway(program, "accessory details", "db-production")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("db-production"),
    });
    await done(program.run("preview", "--expect-no-changes"));
  });

  it("leave nothing behind when they are destroyed", async () => {
    await done(program.run("destroy", "--yes"));
    expect([...(await containersOf(host, "blog")), ...(await containersOf(host, "shop"))]).toEqual([]);
    const left = await host.docker.listContainers({ all: true });
    expect(left.flatMap(({ Names }) => Names)).toEqual([]);
  });
});
