import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, LabStack, labValues } from "../../../lab/stack.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { details, done, update } from "../../support/outcome.ts";
import { ask, slipway } from "../../support/slipway.ts";

/** `docker_timeout` of the stack, in seconds, and how long a command may take that asks a few times. */
const [ANSWER, PATIENCE] = [2, 45];

describe("a Docker that accepts calls and answers none", () => {
  let lab: Lab;
  let stack: LabStack;
  let frozen: LabHost;

  beforeAll(async () => {
    lab = await freshHosts(2);
    frozen = hostOf(lab, 1);
    const ssh = { ...(labValues(lab).ssh as object), docker_timeout: ANSWER };
    const image = (await lab.image("shop", "v1")).ref;
    stack = await LabStack.create(lab, { image, servers: { web: { hosts: addressesOf(lab.hosts) } }, ssh });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const silence = () => `Docker on ${frozen.name} does not answer`;

  it("ends preview, status, logs and up in time, is named, and holds no lease", async () => {
    await frozen.must("kill -STOP $(pidof dockerd)");
    try {
      const timed = async <T>(work: () => Promise<T>): Promise<T> => {
        const began = performance.now();
        const said = await work();
        expect((performance.now() - began) / 1000).toBeLessThan(PATIENCE);
        return said;
      };
      expect((await timed(() => details(stack))).output).toContain(silence());
      const status = await timed(() => slipway(stack, "status"));
      expect({ code: status.code, output: status.stdout }).toMatchObject({ code: 2 });
      expect(status.stdout + status.stderr).toContain("does not answer");
      const logs = await timed(() => slipway(stack, "logs", "--host", frozen.name));
      expect(logs.code).not.toBe(0);
      expect(logs.stderr).toContain("does not answer");
      const following = ask(stack, "logs", "-f", "--host", frozen.name);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      following.process.kill("SIGINT");
      expect((await timed(() => following.done)).code).toBe(130);
      const doctor = await slipway(stack, "doctor");
      expect(doctor.stdout).toContain("does not answer");
      await stack.configure({ image: (await lab.image("shop", "v2")).ref });
      const run = await timed(() => update(stack));
      expect(run.code).not.toBe(0);
      expect(run.output).toContain(silence());
      expect(run.output).toContain("systemctl status docker");
    } finally {
      await frozen.must("kill -CONT $(pidof dockerd)");
    }
    const { stdout } = await slipway(stack, "status");
    expect(stdout).toMatch(/^lease {4}free$/m);
    await done(update(stack));
    expect((await slipway(stack, "status")).stdout).toContain("✔ all as declared");
  });
});
