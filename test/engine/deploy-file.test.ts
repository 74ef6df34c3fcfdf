import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf } from "../support/hosts.ts";
import { done, expectNothingToDo, update } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";
import { answerOf } from "../support/visitors.ts";

/** A folder of this project, in which stacks of the lab are. */
const FOLDER = join(import.meta.dirname, "..", "..", "stacks");

it("a stack that says only slipway:deploy_file runs what Kamal's file says, and goes back; accessories alone run beside it", async () => {
  const lab = await freshHosts(1);
  const host = hostOf(lab);
  const [first, second] = await Promise.all(["v1", "v2"].map((version) => lab.image("shop", version)));
  if (first === undefined || second === undefined) throw new TypeError("no images");
  await using stack = await LabStack.create(lab, {
    service: undefined,
    servers: undefined,
    proxy: undefined,
    image: first.ref,
    ssh: { keys: [lab.key.file], agent: false, config: false, host_keys: { [host.address]: host.hostKey } },
  });
  const file = join(FOLDER, `${stack.name}.deploy.yml`);
  try {
    await writeFile(
      file,
      `service: shop
image: acme/shop
servers:
  web: [<%= ENV["SHOP_HOST"] || "${host.address}" %>]
  worker:
    hosts: [${host.address}]
    cmd: /app worker
    options: { label: [team=checkout], network: kamal }
registry: { username: a, password: [REGISTRY_PASSWORD] }
builder: { arch: amd64 }
proxy: { app_port: 3000 }
readiness_delay: 1
env: { clear: { COLOUR: red, API_TOKEN: t0ken } }
aliases: { console: server exec uptime }
`,
    );
    await stack.configure({ deploy_file: `stacks/${stack.name}.deploy.yml` });

    const { output } = await done(stack.preview());
    expect(output).toContain("from Kamal's file, in another form or by another default:");
    expect(output).toContain(`${stack.name}.deploy.yml:13  env.clear.API_TOKEN  is a secret here`);
    expect(output).not.toContain("t0ken");
    await done(update(stack));
    const live = (await containersOf(host)).filter(({ state }) => state === "running").map(({ name }) => name);
    expect(live.map((name) => name.replace(/-[0-9a-f]{8}$/, "")).sort()).toEqual(["shop-web-v1", "shop-worker-v1"]);
    expect(JSON.parse(await answerOf(host, "/env"))).toMatchObject({ COLOUR: "red", API_TOKEN: "t0ken" });
    await expectNothingToDo(stack);
    expect((await slipway(stack, "deploy")).stdout).not.toContain("from Kamal's file");

    await stack.configure({ image: second.ref });
    const next = await done(stack.launch(["up", "--yes"]).done);
    expect(next.output).not.toContain("from Kamal's file");
    expect(await answerOf(host)).toBe("v2");
    const back = await slipway(stack, "rollback", "--yes");
    expect([back.code, back.stdout + back.stderr]).toEqual([
      0,
      expect.stringContaining("those of today, as in a rollback of Kamal"),
    ]);
    expect(await answerOf(host)).toBe("v1");
    expect((await slipway(stack, "status")).code).toBe(0);

    const tools = await stack.sibling(lab, {
      service: "tools",
      servers: undefined,
      proxy: undefined,
      ssh: { keys: [lab.key.file], agent: false, config: false, host_keys: { [host.address]: host.hostKey } },
      accessories: { echo: { image: first.ref, host: host.address, healthcheck: { tcp: 3000 } } },
    });
    await done(update(tools));
    await expectNothingToDo(tools);
    const status = await slipway(tools, "status");
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/^tools \/ \S+ {3}accessories .*✔ all as declared/)]);
    expect(status.stdout).not.toContain("serves");
    await done(tools.destroy());
    expect(await containersOf(host, `tools-echo-${tools.name}`)).toEqual([]);
    expect(await answerOf(host)).toBe("v1");
  } finally {
    await rm(file, { force: true });
  }
});
