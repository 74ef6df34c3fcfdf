import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PushedImage } from "../../lab/app.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack, type StackValues } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf } from "../support/hosts.ts";
import { done, expectNothingToDo, update } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";
import { answerOf } from "../support/visitors.ts";

/** A folder of this project, in which the stacks of the lab are. */
const FOLDER = join(import.meta.dirname, "..", "..", "stacks");

const kamals = (address: string): string => `service: shop
image: acme/shop
servers:
  web: [<%= ENV["SHOP_HOST"] || "${address}" %>]
  worker:
    hosts: [${address}]
    cmd: /app worker
    options: { label: [team=checkout], network: kamal }
registry: { username: a, password: [REGISTRY_PASSWORD] }
builder: { arch: amd64 }
proxy: { app_port: 3000 }
readiness_delay: 1
env: { clear: { COLOUR: red, API_TOKEN: t0ken } }
aliases: { console: server exec uptime }
`;

describe("a stack that says only slipway:deploy_file", { tags: "long" }, () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let file: string;
  const images: PushedImage[] = [];

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    images.push(...(await Promise.all(["v1", "v2"].map((version) => lab.image("shop", version)))));
    stack = await LabStack.create(lab, { ...access(), service: undefined, image: images[0]?.ref });
    file = join(FOLDER, `${stack.name}.deploy.yml`);
    await writeFile(file, kamals(host.address));
    await stack.configure({ deploy_file: `stacks/${stack.name}.deploy.yml` });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await rm(file, { force: true });
  });

  /** What the lab needs, and Kamal's file does not say. */
  const access = (): StackValues => ({
    servers: undefined,
    proxy: undefined,
    ssh: { keys: [lab.key.file], agent: false, config: false, host_keys: { [host.address]: host.hostKey } },
  });

  it("runs what Kamal's file says, after a preview that says once what has another form", async () => {
    const { output } = await done(stack.preview());
    expect(output).toContain("from Kamal's file, in another form or by another default:");
    expect(output).toContain(`${stack.name}.deploy.yml:13  env.clear.API_TOKEN  is a secret here`);
    expect(output).not.toContain("t0ken");
    await done(update(stack));
    const live = (await containersOf(host)).filter(({ state }) => state === "running").map(({ name }) => name);
    expect(live.map((name) => name.replace(/-[0-9a-f]{8}$/, "")).sort()).toEqual(["shop-web-v1", "shop-worker-v1"]);
    expect(JSON.parse(await answerOf(host, "/env"))).toMatchObject({ COLOUR: "red", API_TOKEN: "t0ken" });
    await expectNothingToDo(stack);
  });

  it("goes back to an image, with the environment of Kamal's file today", async () => {
    await stack.configure({ image: images[1]?.ref });
    expect((await done(update(stack))).output).not.toContain("from Kamal's file");
    expect(await answerOf(host)).toBe("v2");
    const { code, stdout, stderr } = await slipway(stack, "rollback", "--yes");
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining("those of today, as in a rollback of Kamal")]);
    expect(await answerOf(host)).toBe("v1");
  });

  it("has accessories alone beside it, in a stack of their own", async () => {
    const echo = { image: images[0]?.ref, host: host.address, healthcheck: { tcp: 3000 } };
    const tools = await stack.sibling(lab, { ...access(), service: "tools", accessories: { echo } });
    await done(update(tools));
    const { code, stdout } = await slipway(tools, "status");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tools \/ \S+ {3}accessories .*✔ all as declared/)]);
    await done(tools.destroy());
    expect(await containersOf(host, `tools-echo-${tools.name}`)).toEqual([]);
    expect(await answerOf(host)).toBe("v1");
  });
});
