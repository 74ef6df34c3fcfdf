// @module-tag long
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Seconds } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { nodeImage } from "../../../lab/node.ts";
import type { Relay } from "../../../lab/relay.ts";
import { addressesOf, LabStack, labValues } from "../../../lab/stack.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { done, update } from "../../support/outcome.ts";
import { ask, slipway } from "../../support/slipway.ts";

/** What a command may take that connects, asks a few times and is one of several at once. */
const PATIENCE: Seconds = 60;
/** A run of the engine asks once for each resource. */
const PATIENCE_OF_RUN: Seconds = 90;
const AT_ONCE = 5;

/** How a command ended. */
interface Ended {
  readonly code: number;
  readonly said: string;
  readonly seconds: Seconds;
}

/** A command line, and the exit code that its help promises. */
type Row = readonly [line: string, code: number];

/** Commands that read the state and ask the hosts; `db` and its backup are on the host that is silent. */
const COMMANDS = (silent: string): readonly Row[] => [
  ["status", 2],
  ["releases", 0],
  ["logs", 1],
  [`logs --host ${silent}`, 1],
  [`exec --host ${silent} -- /app`, 125],
  [`exec --reuse --host ${silent} -- /app`, 125],
  ["doctor", 1],
  ["accessory details db", 1],
  ["accessory logs db", 1],
  ["accessory exec db -- /app", 125],
  ["accessory console db", 125],
  ["accessory restart db", 1],
  ["accessory stop db", 1],
  ["accessory start db", 1],
  ["backup run db", 2],
  ["backup list db", 2],
  ["backup restore db --yes", 2],
  ["backup drill db", 2],
  ["tunnel db", 1],
];

/** Runs of the engine, which the stack's lock keeps apart. */
const RUNS: readonly Row[] = [
  ["deploy", 3],
  ["rollback --yes", 3],
];

describe("a command whose counterpart is silent ends in time, and says which one and why", () => {
  let lab: Lab;
  let stack: LabStack;
  let silent: LabHost;
  let relay: Relay;
  /** Takes connections and answers none. */
  let registry: Server;

  beforeAll(async () => {
    lab = await freshHosts(3);
    silent = hostOf(lab, 2);
    relay = await silent.relay();
    registry = createServer().listen(0, "127.0.0.1");
    await once(registry, "listening");
    const [v1, v2, node] = await Promise.all([
      lab.image("shop", "v1"),
      lab.image("shop", "v2"),
      nodeImage(lab.registry, "24-slim"),
    ]);
    const relayed = { [silent.name]: { address: relay.address, port: relay.port } };
    const db = {
      image: v1.ref,
      host: silent.name,
      port: 3000,
      // Its client is never started: the host does not answer.
      preset: "redis",
      healthcheck: { path: "/up" },
      volumes: ["shop-db-data:/data"],
      backup: { schedule: "0 0 1 1 *", to: { directory: "/srv/shop/backups" }, volumes: ["shop-db-data"] },
    };
    stack = await LabStack.create(lab, {
      image: v1.ref,
      servers: { web: { hosts: { ...addressesOf(lab.hosts.slice(0, 2)), ...relayed } } },
      schedule: { image: node.ref },
      accessories: { db },
    });
    await done(update(stack));
    await stack.configure({ image: v2.ref });
    await done(update(stack));
  });
  afterAll(async () => {
    registry.close();
    await stack[Symbol.asyncDispose]();
  });

  /** Does `work` with short times for answers, which a busy machine would not keep in the runs that must succeed. */
  const impatiently = async (times: object, work: () => Promise<void>): Promise<void> => {
    const { ssh } = labValues(lab);
    await stack.configure({ ssh: { ...(ssh as object), ...times } });
    await work().finally(() => stack.configure({ ssh }));
  };

  const timed = async (work: () => Promise<{ code: number; said: string }>): Promise<Ended> => {
    const began = performance.now();
    return { ...(await work()), seconds: (performance.now() - began) / 1000 };
  };
  const cli = (line: string): Promise<Ended> =>
    timed(async () => {
      const [command = "", ...args] = line.replace(/^(accessory|backup) /, "$1_").split(" ");
      const { code, stdout, stderr } = await slipway(stack, command.replace("_", " "), ...args);
      return { code, said: `${stdout}${stderr}` };
    });
  const engine = (line: string): Promise<Ended> =>
    timed(async () => {
      const { code, output } = await stack.launch(line.split(" ")).done;
      return { code, said: output };
    });
  const expectEnd = (line: string, code: number, why: RegExp, ended: Ended, within = PATIENCE): void => {
    expect.soft({ line, code: ended.code }, ended.said).toEqual({ line, code });
    expect.soft(ended.said, line).toMatch(why);
    expect.soft(ended.said, line).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect.soft(ended.seconds, line).toBeLessThan(within);
  };

  const expectAll = async (why: RegExp): Promise<void> => {
    const waiting = [...COMMANDS(silent.name)];
    const inTurn = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) expectEnd(...row, why, await cli(row[0]));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
    for (const [line, code] of RUNS) expectEnd(line, code, why, await cli(line));
    expectEnd("pulumi preview", 0, why, await engine("preview"), PATIENCE_OF_RUN);
    const destroyed = await engine("destroy --yes --skip-preview");
    expectEnd("pulumi destroy", destroyed.code, why, destroyed, PATIENCE_OF_RUN);
    expect(destroyed.code, destroyed.said).not.toBe(0);
    expect(destroyed.said).toContain(`slipway:forget[0]' ${silent.name}`);
  };

  it("a host whose Docker takes calls and answers none", async () => {
    const why = new RegExp(`${silent.name}[^]*(does not answer|no answer in time)`);
    await silent.must("kill -STOP $(pidof dockerd)");
    try {
      await impatiently({ docker_timeout: 2 }, async () => {
        await expectAll(why);
        expectEnd("pulumi refresh", 0, why, await engine("refresh --yes --skip-preview"), PATIENCE_OF_RUN);
        // The right to change a host needs no Docker.
        const lock = ask(stack, "lock", "--wait", "5");
        await lock.saw(/^locked /m);
        lock.process.kill("SIGINT");
        expect((await lock.done).code).toBe(0);
        const following = ask(stack, "logs", "-f", "--host", silent.name);
        await following.saw("does not answer");
        following.process.kill("SIGINT");
        expect((await following.done).code).toBe(130);
      });
    } finally {
      await silent.must("kill -CONT $(pidof dockerd)");
    }
    await done(update(stack));
    const status = await cli("status");
    expect(status.said).toMatch(/^lease {4}free$/m);
    expect(status.code, status.said).toBe(0);
  });

  it("one of three hosts behind a network that drops everything, from the beginning or from the middle on", async () => {
    const why = new RegExp(`${silent.name}[^]*no SSH connection (to 127\\.0\\.0\\.1:\\d+ within 5 s|in time)`);
    const [lock, tunnel, logs] = [ask(stack, "lock"), ask(stack, "tunnel", "db"), ask(stack, "logs", "-f")];
    await Promise.all([lock.saw(/^locked /m), tunnel.saw("until Ctrl-C"), logs.saw(`${silent.name}/web | `)]);
    relay.freeze();
    const expectLoss = async (): Promise<void> => {
      const lost = new RegExp(`${silent.name}: .*(no answer in 30 s|the connection was lost|does not answer)`);
      await Promise.all([tunnel.saw(lost), logs.saw(lost)]);
      for (const { process } of [tunnel, logs]) process.kill("SIGINT");
      expect([(await tunnel.done).code, (await logs.done).code]).toEqual([0, 130]);
      const { code, stderr } = await lock.done;
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("the lock was lost with its connection") });
    };
    const loss = expectLoss();
    loss.catch(() => {});
    try {
      await impatiently({ connect_timeout: 5 }, () => expectAll(why));
      await loss;
    } finally {
      relay.thaw();
    }
    await done(update(stack));
  });

  it("a registry that takes connections and answers none", async () => {
    const server = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
    await stack.configure({ image: `${server}/shop:v3` });
    const own = new RegExp(`the registry ${server} cannot be reached from this machine`);
    const [doctor, deploy] = await Promise.all([cli("doctor"), cli("deploy")]);
    expectEnd("doctor", 1, own, doctor);
    expectEnd("deploy", 1, own, deploy);
  });
});
