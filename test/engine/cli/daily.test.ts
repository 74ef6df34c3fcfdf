import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StatusReport } from "../../../cli/status/report.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, LabStack } from "../../../lab/stack.ts";
import { containersOf, freshHosts, hostOf } from "../../support/hosts.ts";
import { details, done, update } from "../../support/outcome.ts";
import { slipway } from "../../support/slipway.ts";
import { expectNobodyFailed, visited } from "../../support/visitors.ts";

describe("a release between two deploys", () => {
  let lab: Lab;
  let stack: LabStack;
  let first: LabHost;
  let second: LabHost;

  beforeAll(async () => {
    lab = await freshHosts(2);
    [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    const web = { hosts: addressesOf(lab.hosts) };
    const worker = { hosts: addressesOf([second]), cmd: "/app worker", proxy: false };
    const image = (await lab.image("shop", "v1")).ref;
    const values = { image, servers: { web, worker }, readiness_delay: 1, env: { secret: ["TOKEN"] } };
    stack = await LabStack.create(lab, values, { "slipway:secrets.TOKEN": "sesame-4711" });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const running = async (host: LabHost, role: string) =>
    (await containersOf(host)).filter(({ state, labels }) => state === "running" && labels.role === role);
  const names = async (host: LabHost) => (await containersOf(host)).map(({ name, state }) => `${name} ${state}`).sort();
  const served = async ({ address }: LabHost) => {
    const answer = await fetch(`http://${address}/`);
    return { status: answer.status, body: await answer.text() };
  };
  const status = async () => {
    const { code, stdout } = await slipway(stack, "status", "--json");
    return { code, printed: JSON.parse(stdout) as StatusReport };
  };

  it("is restarted on all hosts without a failed request, in new containers of the same release", async () => {
    const before = await Promise.all([running(first, "web"), running(second, "web"), running(second, "worker")]);
    const known = await names(second);
    const visits = await visited(lab, ["v1"], () => slipway(stack, "restart"));
    console.log(visits.result.stdout, visits.result.stderr);
    expect(visits.result.code, visits.result.stderr).toBe(0);
    expectNobodyFailed(visits);
    const after = await Promise.all([running(first, "web"), running(second, "web"), running(second, "worker")]);
    for (const [at, [old]] of before.entries()) {
      expect(after[at]?.map(({ name }) => name)).toEqual([old?.name]);
      expect(after[at]?.[0]?.id).not.toBe(old?.id);
    }
    expect(await names(second)).toEqual(known);
    expect((await status()).code).toBe(0);
    expect((await slipway(stack, "deploy")).stdout).toContain("nothing to do");
  });

  it("is stopped", async () => {
    const said = await slipway(stack, "stop", "--yes", "--host", second.name);
    console.log(said.stdout, said.stderr);
    console.log(await served(first), await served(second), await names(second));
    console.log((await slipway(stack, "status")).stdout);
    console.log((await details(stack)).output.split("Diagnostics:").at(-1));
    const again = await slipway(stack, "start");
    console.log(again.stdout, again.stderr);
    console.log(await served(first), await served(second), await names(second));
    expect((await status()).code).toBe(0);
  });

  it("is in maintenance", async () => {
    const said = await slipway(stack, "maintenance on", "--message", "back at ten");
    console.log(said.stdout, said.stderr);
    console.log(await served(first), await served(second));
    const r = await slipway(stack, "restart", "--role", "work*");
    console.log(r.stdout, r.stderr);
    console.log(await served(second));
    console.log(await readFile(join(import.meta.dirname, "..", "..", "..", "stacks", `Pulumi.${stack.name}.yaml`), "utf8"));
    console.log((await details(stack)).output.split("Diagnostics:").at(-1));
    const up = await slipway(stack, "deploy");
    console.log(up.stdout, up.stderr);
    const off = await slipway(stack, "maintenance off");
    console.log(off.stdout, off.stderr);
    console.log(await served(first), await served(second));
    console.log((await slipway(stack, "deploy")).stdout);
  });

  it("server exec", async () => {
    const a = await slipway(stack, "server exec", "--", "uname -s; echo oops >&2; exit 3");
    console.log(a.code, a.stdout, a.stderr);
    const b = await slipway(stack, "exec", "-e", "A=1", "--detach", "/app", "x");
    console.log(b.code, b.stdout, b.stderr);
  });
});
