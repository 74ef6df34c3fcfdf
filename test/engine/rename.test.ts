import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DockerEvent } from "../../lab/events.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LANE } from "../../lab/lane.ts";
import { nodeImage } from "../../lab/node.ts";
import { LabStack, type StackValues } from "../../lab/stack.ts";
import { freshHosts, hostOf, openAgain } from "../support/hosts.ts";
import { done, expectNothingToDo, refused, update } from "../support/outcome.ts";
import { answerOf } from "../support/visitors.ts";

/** Outside of what the lab gives to its hosts. */
const secondAddress = (address: string): string => address.replace(/\d+$/, String(245 + LANE));

describe("what a run declares it never takes down", { tags: "long" }, () => {
  let lab: Lab;
  let host: LabHost;
  let second: LabHost;
  let stack: LabStack;
  let images: { app: string; node: string };

  beforeAll(async () => {
    lab = await freshHosts(2);
    [host, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    images = { app: (await lab.image("shop", "v1")).ref, node: (await nodeImage(lab.registry, "24-slim")).ref };
    await openAgain(host);
    stack = await LabStack.create(lab, declared(host.address));
    await done(update(stack));
    await host.must("printf kept >$(docker volume inspect -f '{{.Mountpoint}}' rows)/row");
  }, 900_000);
  afterAll(async () => {
    await openAgain(host);
    await stack[Symbol.asyncDispose]();
  });

  /** Everything that can be on a host, on the host of that name. */
  const declared = (name: string, { address = host.address, on = [name] } = {}): StackValues => ({
    image: images.app,
    ssh: {
      keys: [lab.key.file],
      agent: false,
      config: false,
      host_keys: { [name]: host.hostKey, [second.address]: second.hostKey },
    },
    servers: {
      web: { hosts: name === address ? [name] : { [name]: address } },
      worker: { hosts: [name], cmd: "/app worker", readiness_delay: 0 },
    },
    proxy: { app_port: 3000, run: { registry: lab.registry.server } },
    firewall: { ssh_from: ["0.0.0.0/0"] },
    schedule: { image: images.node },
    jobs: { check: { schedule: "17 3 * * *", cmd: "/app check", role: "worker" } },
    accessories: {
      data: { image: images.app, hosts: on, port: 3000, volumes: ["rows:/data"], healthcheck: { path: "/up" }, data: "delete" },
    },
  });

  // Without the comments, which name the stack.
  const firewall = () => host.must("iptables -S | grep SLIPWAY | sed 's/-m comment --comment [^ ]* //' | sort");
  const row = () => host.must("cat $(docker volume inspect -f '{{.Mountpoint}}' rows)/row");
  const running = () => host.must("docker ps --no-trunc --format '{{.ID}} {{.Names}}' | sort");
  const isLoss = ({ type, action }: DockerEvent) => type === "container" && ["stop", "die", "kill", "destroy"].includes(action);

  /** The change comes about, and neither a container nor a rule nor a byte of the host notices; afterwards nothing is left to do. */
  async function expectUntouched(change: () => Promise<unknown>): Promise<void> {
    const [rules, containers] = [await firewall(), await running()];
    const since = new Date();
    await change();
    expect((await host.mutations(since)).filter(isLoss)).toEqual([]);
    expect(await running()).toBe(containers);
    expect(await firewall()).toBe(rules);
    expect(await row()).toBe("kept");
    expect(await answerOf(host)).toBe("v1");
    await expectNothingToDo(stack);
    expect(await running()).toBe(containers);
  }

  /** The name that the host has in the config. */
  let name = "";
  const renamed = async (to: string) => {
    await configured(declared(to));
    name = to;
  };
  const configured = async (values: StackValues) => {
    await stack.configure(values);
    await done(update(stack));
  };

  it("when a host gets a name", async () => {
    await expectUntouched(() => renamed("one"));
  });

  it("when a host is renamed", async () => {
    await expectUntouched(() => renamed("two"));
  });

  it("when its machine is reached by another address", { tags: "long" }, async () => {
    const other = secondAddress(host.address);
    await host.must(`ip address replace ${other}/24 dev eth0`);
    await expectUntouched(async () => {
      await stack.configure(declared("two", { address: other }));
      const { output } = await done(stack.preview());
      expect(output).toContain("data on two   runs as declared already: nothing changes on the host");
      expect(output).not.toContain("first release");
      await done(update(stack));
    });
  });

  it("when it is renamed and reached by another address", { tags: "long" }, async () => {
    await expectUntouched(() => renamed("three"));
  });

  it("when a run dies between the new and the old", async () => {
    await expectUntouched(async () => {
      await stack.configure(declared("four"));
      const created = (await stack.urns()).map((urn) => urn.replaceAll(name, "four"));
      // Pulumi makes the new ones, and stops before it deletes what is no target.
      const { output } = await refused(stack.up("--skip-preview", ...created.flatMap((urn) => ["--target", urn])));
      expect(output).toContain("data-four created");
      await done(update(stack));
    });
  });

  it("when an accessory gets a second host, and loses it", { tags: "long" }, async () => {
    await expectUntouched(() => configured(declared("four", { on: ["four", second.address] })));
    await expectUntouched(() => configured(declared("four")));
  });

  it("when its resources are replaced by hand", { tags: "long" }, async () => {
    await expectUntouched(async () => {
      const ours = (await stack.urns()).filter((urn) => urn.includes("dynamic/slipway:"));
      await done(stack.up("--skip-preview", ...ours.flatMap((urn) => ["--replace", urn])));
    });
  });

  it("when the stack is renamed: it says what to write before anything changes", { tags: "long" }, async () => {
    const before = stack.name;
    await expectUntouched(async () => {
      await stack.rename(`${before}-new`);
      expect((await refused(update(stack))).output).toContain(`slipway:adopt: ["slipway/${before}"]`);
      await stack.configure({ adopt: [`slipway/${before}`] });
      expect((await refused(update(stack))).output).toContain(`slipway:destination: ${before}`);
      await configured({ destination: before });
    });
  });

  it("and a destroy takes all of it down, also one that runs the program", async () => {
    await done(stack.launch(["destroy", "--yes", "--run-program"]).done);
    expect(await running()).toBe("");
    expect(await host.sh("iptables -S | grep SLIPWAY")).toMatchObject({ stdout: "" });
    expect((await host.must("docker volume ls -q")).trim()).toBe("");
  });
});
