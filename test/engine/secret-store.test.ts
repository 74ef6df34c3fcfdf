import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lab } from "../../lab/lab.ts";
import { LabStack, type Outcome } from "../../lab/stack.ts";
import { freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { leaksOf } from "../support/leaks.ts";
import { details, done, update } from "../support/outcome.ts";
import { watchProcesses } from "../support/process-watch.ts";
import { SecretStore } from "../support/secret-store.ts";
import { type Said, slipway } from "../support/slipway.ts";

describe("a secret that is in a store", { tags: "long" }, () => {
  const core = { first: randomBytes(18).toString("base64"), rotated: randomBytes(18).toString("base64") };
  const around = (own: string) => `first ' " \\ $HOME \`id\` ü #\nsecond ${own}`;
  const [first, rotated] = [around(core.first), around(core.rotated)];
  const token = randomBytes(18).toString("hex");
  let lab: Lab;
  let stack: LabStack;
  let store: SecretStore;
  let released: Outcome;
  let deployed: string;
  let processes: Awaited<ReturnType<typeof watchProcesses>>;
  const environment = async () => {
    const host = hostOf(lab);
    return (await host.docker.getContainer((await liveOf(host)).id).inspect()).Config.Env;
  };
  const deploy = async (): Promise<Said & { readonly asked: number }> => {
    const before = await store.asked();
    const said = await slipway(stack, "deploy", "--verbose");
    return { ...said, asked: (await store.asked()) - before };
  };

  beforeAll(async () => {
    lab = await freshHosts(1);
    processes = await watchProcesses(hostOf(lab));
    const { server, username, password } = lab.registry;
    store = await SecretStore.open({ FROM_STORE: first, REGISTRY_PASSWORD: password, UNUSED: "unused-4711" });
    const { ref } = await lab.image("shop", "v1");
    stack = await LabStack.create(lab, { image: ref, env: { secret: ["FROM_STORE"] } });
    await stack.configure({
      secrets_from: [{ command: [store.program, "production"] }],
      registry: { server, username, password: ["REGISTRY_PASSWORD"] },
    });
    released = await done(update(stack));
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("reaches the container byte for byte, and the store is asked once in a run", async () => {
    expect(await environment()).toContain(`FROM_STORE=${first}`);
    expect(await store.asked()).toBe(1);
  });

  it("is no reason to start the engine as long as it is the same", async () => {
    // The first deploy of this machine learns what is released.
    await deploy();
    const { stdout, asked } = await deploy();
    expect(stdout).toMatch(/^nothing to do: v1-/);
    expect(asked).toBe(1);
  });

  it("is planned when it was rotated, as a changed secret is", async () => {
    await store.rotate({ FROM_STORE: rotated, REGISTRY_PASSWORD: lab.registry.password });
    const { output } = await details(stack);
    expect(output).toContain("secret ~FROM_STORE");
    expect(leaksOf(core, { output })).toEqual([]);
  });

  it("is deployed when it was rotated, by one question to the store for check and run", async () => {
    const { code, stdout, stderr, asked } = await deploy();
    deployed = stdout + stderr;
    expect(code, deployed).toBe(0);
    expect(stderr).toContain(
      "starting the engine: a secret of slipway:secrets_from has a different value than in the last successful run",
    );
    expect(asked).toBe(1);
    expect(await environment()).toContain(`FROM_STORE=${rotated}`);
  });

  it("may be a registry's token that differs each time: that is no change", async () => {
    const { ref, digest } = await lab.image("shop", "v1");
    await stack.configure({ image: `${ref}@${digest}` });
    await done(update(stack));
    await store.rotate({ FROM_STORE: rotated, REGISTRY_PASSWORD: token });
    const { output } = await done(stack.launch(["preview", "--expect-no-changes"]).done);
    expect(output).not.toContain("log in to");
  });

  it("is not in the state, nor in what was printed, nor in a command line on the host", async () => {
    const state = await stack.exported();
    const places = {
      state,
      "output of the first up": released.output,
      "output of a deploy": deployed,
      "processes on the host": await processes.seen(),
    };
    expect(leaksOf({ ...core, token, password: lab.registry.password }, places)).toEqual([]);
    expect(places["processes on the host"]).toContain("slipway-lease");
    expect(state).toContain('"__secretsFrom": "');
  });
});
