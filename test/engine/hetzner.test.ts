import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { sshOf } from "../faults/support/shop.ts";
import { hetznerOnLab, serverHost, useHetzner } from "../support/hetzner.ts";
import { containersOf } from "../support/hosts.ts";
import { done, expectNothingToDo, refused, update } from "../support/outcome.ts";

/** What a stack on servers of Hetzner says beside them. New servers have no image of the proxy, and no internet to get it from. */
const base = (lab: Lab, image: string) => ({
  image,
  proxy: { app_port: 3000, run: { registry: lab.registry.server } },
  hetzner: { ssh_keys: [lab.key.publicKey] },
});
/** The machine behind a host of the config. */
const hostOf = (cloud: HetznerCloud, host: string) => {
  const server = cloud.project.servers.all.find(({ name }) => name.endsWith(`-${host}`));
  if (server === undefined) throw new Error(`no server ${host}`);
  return serverHost(server.name);
};
const web = (hetzner: object) => ({ servers: { web: { hetzner } } });

describe("an app on servers that the same run makes", { tags: "long" }, () => {
  let lab: Lab;
  let cloud: HetznerCloud;
  let stack: LabStack;
  let url: string;
  const servers = (count: number) => web({ count, type: "cx23", network: "10.0.0.0/16", load_balancer: true });

  beforeAll(async () => {
    lab = await startLab({ hosts: [] });
    cloud = await hetznerOnLab();
    const { ref } = await lab.image("shop", "v1");
    stack = await LabStack.create(lab, { ...base(lab, ref), ...servers(2) });
    await useHetzner(stack, cloud);
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await cloud[Symbol.asyncDispose]();
  });

  /** `web-1`, `web-2` … */
  const names = () => cloud.project.servers.all.map(({ name }) => name.replace(/^shop-lab-\w+-/, "")).sort();
  /** What was changed at Hetzner since that list was emptied. */
  const changes = () => cloud.mutations().map(({ method, path }) => `${method} ${path.replace(/\d+/g, "N")}`);
  /** What a visitor meets who asks all the time. */
  const visited = async (work: () => Promise<unknown>) => {
    const load = await lab.load({
      url: `${url}/version`,
      rate: 50,
      limit: 600,
      expect: (status, body) => status === 200 && body === "v1",
    });
    const [done] = await Promise.allSettled([work()]);
    const { ok, requests, failures } = await load.stop();
    if (done.status === "rejected") throw done.reason;
    expect(failures).toEqual([]);
    expect(ok).toBe(requests);
    expect(requests).toBeGreaterThan(50);
  };

  it("goes from nothing to an app behind a load balancer in one run, all of it in the plan before", async () => {
    const preview = await done(stack.preview());
    for (const host of ["web-1", "web-2"]) {
      expect(preview.output).toContain(`${host}   wait for the new machine (≤ 600 s) · install Docker if it is missing`);
      expect(preview.output).toMatch(new RegExp(`${host}   create network kamal · run kamal-proxy \\S+ on 443:443, 80:80`));
    }
    expect(preview.output).toMatch(
      /web-1, web-2 {2}start shop-web-lab-\w+-v1-[0-9a-f]{8} · switch shop-web-lab-\w+ {3}first release/,
    );
    expect(cloud.inventory()).toEqual({});

    await done(update(stack));
    url = ((await stack.outputs()) as { urls: string[] }).urls[0] ?? "";
    expect(await (await fetch(`${url}/version`)).text()).toBe("v1");
    expect(names()).toEqual(["web-1", "web-2"]);
  });

  it("is nothing to do after that", async () => {
    cloud.calls.length = 0;
    await expectNothingToDo(stack);
    await done(update(stack));
    expect(changes()).toEqual([]);
  });

  it("keeps the private halves of the host keys, the token and the user data sealed in the state", async () => {
    const state = await stack.exported();
    for (const secret of ["OPENSSH PRIVATE KEY", "ssh_authorized_keys", cloud.token]) expect(state).not.toContain(secret);
    const [machine] = cloud.project.servers.all;
    expect(state).toContain("publicKey");
    expect(machine).toBeDefined();
  });

  it("gets a third server, and the others are not touched", { tags: "long" }, async () => {
    const [first, second] = await Promise.all([hostOf(cloud, "web-1"), hostOf(cloud, "web-2")]);
    const since = new Date();
    cloud.calls.length = 0;
    await stack.configure(servers(3));
    await visited(() => done(update(stack)));
    expect(names()).toEqual(["web-1", "web-2", "web-3"]);
    expect(changes().filter((call) => call === "POST /servers")).toEqual(["POST /servers"]);
    expect(changes().filter((call) => call.startsWith("DELETE"))).toEqual([]);
    for (const host of [first, second]) expect(await host.mutations(since)).toEqual([]);
    expect((await containersOf(await hostOf(cloud, "web-3"))).map(({ state }) => state)).toEqual(["running"]);
    await expectNothingToDo(stack);
  });

  it("loses two, each when no request reaches it any more, and no visitor notices", { tags: "long" }, async () => {
    const first = await hostOf(cloud, "web-1");
    const since = new Date();
    cloud.calls.length = 0;
    await stack.configure(servers(1));
    await visited(() => done(update(stack)));
    expect(names()).toEqual(["web-1"]);
    expect(await first.mutations(since)).toEqual([]);
    const calls = changes();
    const [left, deleted] = ["POST /load_balancers/N/actions/remove_target", "DELETE /servers/N"].map((call) =>
      calls.indexOf(call),
    );
    expect(left).toBeGreaterThanOrEqual(0);
    expect(deleted).toBeGreaterThan(left ?? 0);
    expect(calls.filter((call) => call === "POST /servers")).toEqual([]);
    await expectNothingToDo(stack);
  });

  it("leaves nothing at Hetzner when it is destroyed", async () => {
    await done(stack.destroy());
    expect(cloud.inventory()).toEqual({});
  });
});

describe("what goes wrong at Hetzner", { tags: "long" }, () => {
  let lab: Lab;
  let cloud: HetznerCloud;
  let stack: LabStack;
  beforeAll(async () => {
    lab = await startLab({ hosts: [] });
    cloud = await hetznerOnLab();
    const { ref } = await lab.image("shop", "v1");
    stack = await LabStack.create(lab, { ...base(lab, ref), ...web({ count: 1 }), ssh: { ...sshOf(lab), user: "deploy" } });
    await useHetzner(stack, cloud);
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await cloud[Symbol.asyncDispose]();
  });

  it("reports in Hetzner's words that the quota is reached, and nothing is released", async () => {
    cloud.faults.servers = 0;
    const { output } = await refused(update(stack));
    cloud.faults.servers = undefined;
    expect(output).toMatch(/resource_limit_exceeded|server limit/);
    expect(output).not.toContain("released v1");
  });

  it("is waited for when the API is rate-limited and SSH comes late; a user who is not root is enough", {
    tags: "long",
  }, async () => {
    cloud.faults.limitRate(3);
    cloud.faults.sshDelay = 4;
    const { output } = await done(update(stack));
    expect(output).toMatch(/released v1-[0-9a-f]{8} in/);
    const host = await hostOf(cloud, "web-1");
    expect(await host.must("id -nG deploy")).toContain("docker");
    await expectNothingToDo(stack);
    await done(stack.destroy());
    expect(cloud.inventory()).toEqual({});
  });
});
