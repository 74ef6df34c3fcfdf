import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pulled } from "../support/images.ts";
import { details, done, expectNothingToDo, mutationsDuring, nothingOn, update } from "../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../support/visitors.ts";

const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";

describe("a change of the config alone", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const values = { image: (await lab.image("shop", "v1")).ref, env: { clear: { RATE_LIMIT: "10" }, secret: ["TOKEN"] } };
    stack = await LabStack.create(lab, values, { "slipway:secrets.TOKEN": "first-of-two-tokens" });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const env = async () => JSON.parse(await answerOf(host, "/env")) as Record<string, string>;

  it("of a clear value replaces the container, and the plan names the variable", async () => {
    const before = await liveOf(host);
    await stack.configure({ env: { clear: { RATE_LIMIT: "20" }, secret: ["TOKEN"] } });
    const { result } = await visited(lab, ["v1"], () => done(stack.up()));
    expect(result.output).toMatch(/release v1-[0-9a-f]{8} {2}\(was v1-[0-9a-f]{8}\).*env: ~RATE_LIMIT$/m);
    expect((await liveOf(host)).name).not.toBe(before.name);
    expect(await env()).toMatchObject({ RATE_LIMIT: "20", TOKEN: "first-of-two-tokens" });
  });

  it("of a secret replaces the container, and the plan names it without a value", async () => {
    const before = await liveOf(host);
    await stack.secrets({ "slipway:secrets.TOKEN": "second-of-two-tokens" });
    const { output } = await done(stack.up("--diff"));
    expect(output).toMatch(/env: secret ~TOKEN$/m);
    expect(output).not.toContain("of-two-tokens");
    expect((await liveOf(host)).name).not.toBe(before.name);
    expect(await env()).toMatchObject({ RATE_LIMIT: "20", TOKEN: "second-of-two-tokens" });
  });

  it("of a proxy option sets the route in place: same container, and nobody notices", async () => {
    const before = await liveOf(host);
    await stack.configure({ proxy: { app_port: 3000, response_timeout: 12 } });
    expect((await details(stack)).output).toContain(`set the route shop-web-${stack.name} → ${before.name}   gap 0 s`);
    let change: Awaited<ReturnType<typeof visited>> | undefined;
    const mutations = await mutationsDuring([host], async () => {
      change = await visited(lab, ["v1"], () => done(update(stack)));
    });
    if (change !== undefined) expectNobodyFailed(change);
    expect(mutations).toEqual(nothingOn([host]));
    expect((await liveOf(host)).id).toBe(before.id);
    expect(await host.must(`cat ${STATE_FILE}`)).toContain('"response_timeout":12000000000');
    await expectNothingToDo(stack);
  });

  it("of what only later runs need changes nothing on the host", async () => {
    await stack.configure({ drain_timeout: 17, deploy_timeout: 19, retain_containers: 4 });
    const mutations = await mutationsDuring([host], () => done(update(stack)));
    expect(mutations).toEqual(nothingOn([host]));
    await expectNothingToDo(stack);
  });
});

describe("with retain_containers 1", () => {
  it("one retired container stays with its image, older ones of ours go, and others' images stay", async () => {
    const lab = await freshHosts(1);
    const host = hostOf(lab);
    const theirs = await pulled(lab, host, (await lab.image("stranger", "v1", { VERSION: "stranger" })).ref);
    const versions = ["v1", "v2", "v3"];
    const images = new Map<string, string>();
    await using stack = await LabStack.create(lab, { retain_containers: 1 });
    for (const version of versions) {
      await stack.configure({ image: (await lab.image("shop", version)).ref });
      await done(update(stack));
      images.set(version, (await liveOf(host)).image);
    }
    const left = (await containersOf(host)).map(({ name, state }) => `${/-(v\d)-[0-9a-f]{8}$/.exec(name)?.[1]} ${state}`);
    expect(left).toEqual(["v3 running", "v2 exited"]);
    const present = (await host.docker.listImages({ all: true })).map(({ Id }) => Id);
    expect(present).toEqual(expect.arrayContaining([images.get("v3"), images.get("v2"), theirs]));
    expect(present).not.toContain(images.get("v1"));
    await expectNothingToDo(stack);
  });
});
