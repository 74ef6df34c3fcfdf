import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AccessoryDetails } from "../../../cli/accessory/details.ts";
import type { StatusReport } from "../../../cli/status/report.ts";
import { PRESETS } from "../../../core/accessory/preset.ts";
import { Deadline } from "../../../core/deadline.ts";
import { Hosts, parseAccess } from "../../../hosts/index.ts";
import { goBinary } from "../../../lab/gobuild.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { postgresImage } from "../../../lab/postgres.ts";
import { addressesOf, LabStack, labValues } from "../../../lab/stack.ts";
import { anAccessory, declareByHand } from "../../support/declared-accessory.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pulled } from "../../support/images.ts";
import { connectionsIn, done, mutationsDuring, nothingOn, update } from "../../support/outcome.ts";
import { type Asking, ask, slipway } from "../../support/slipway.ts";

/** A secret: only the container may contain it. */
const TOKEN = "sesame-4711";
const CONTAINER = "shop-db";

describe("the commands of an accessory", () => {
  let lab: Lab;
  let stack: LabStack;
  let host: LabHost;
  let imageId: string;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const content = await goBinary({ name: "tool", from: new URL("../../../lab/tool/", import.meta.url).pathname, target: "." });
    const image = (await lab.image("shop-with-tool", "v1", {}, { files: [{ name: "tool", mode: 0o755, content }] })).ref;
    stack = await LabStack.create(lab, { image, servers: { web: { hosts: addressesOf(lab.hosts) } } });
    await done(update(stack));
    await declareByHand(stack, [anAccessory(host)]);
    imageId = await pulled(lab, host, image);
    await runContainer();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  interface Made {
    readonly name?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  }

  /** As the provider makes it. */
  async function runContainer({ name = CONTAINER, env = {}, labels = {} }: Made = {}): Promise<string> {
    const ours = { service: CONTAINER, "slipway.accessory": "db", "slipway.spec": "ab12cd34", "slipway.image": "shop:16.4" };
    const container = await host.docker.createContainer({
      name,
      Image: imageId,
      Env: Object.entries({ VERSION: "first", TOKEN, ...env }).map(([key, value]) => `${key}=${value}`),
      Labels: { ...ours, ...labels },
      HostConfig: { NetworkMode: "kamal", Binds: ["shop-db-data:/data"] },
    });
    await container.start();
    return container.id;
  }
  const remove = (name = CONTAINER) => host.docker.getContainer(name).remove({ force: true });
  const replace = async (made: Made = {}) => {
    await remove();
    return runContainer(made);
  };
  const stateOf = async (name = CONTAINER) => (await host.docker.getContainer(name).inspect()).State;
  const accessory = (act: string, ...args: readonly string[]) => slipway(stack, `accessory ${act}`, ...args);

  describe("by slipway status", () => {
    const report = async (): Promise<{ code: number; printed: StatusReport }> => {
      const { code, stdout } = await slipway(stack, "status", "--json");
      return { code, printed: JSON.parse(stdout) as StatusReport };
    };

    it("is shown below the release, over the same connection, and nothing is changed", async () => {
      let said = { code: -1, stdout: "", connections: {} };
      const mutations = await mutationsDuring(lab.hosts, async () => {
        const { code, stdout, trace } = await slipway(stack, "status");
        said = { code, stdout, connections: connectionsIn({ trace, code, output: "", seconds: 0 }) };
      });
      expect(said.code, said.stdout).toBe(0);
      expect(said.stdout).toMatch(new RegExp(`^db +${host.name} +${CONTAINER} +shop:16\\.4 +running +\\d+ s$`, "m"));
      expect(said.connections).toEqual({ [host.name]: 1 });
      expect(mutations).toEqual(nothingOn(lab.hosts));
    });

    it("is not as declared when it was stopped by hand or made from another declaration", async () => {
      await host.docker.getContainer(CONTAINER).stop();
      const stopped = await report();
      expect(stopped.code).toBe(1);
      expect(stopped.printed.hosts[0]?.accessories[0]).toMatchObject({
        state: "stopped with code 0",
        drift: "stopped with code 0",
      });
      await replace({ labels: { "slipway.spec": "11aa22bb" } });
      const other = await report();
      expect(other.printed.verdict).toBe("not as declared");
      expect(other.printed.hosts[0]?.accessories[0]?.drift).toBe("created as 11aa22bb, declared as ab12cd34");
      await replace();
      expect((await report()).code).toBe(0);
    });
  });

  describe("by slipway accessory", () => {
    it("shows its lines, and goes on with those of the container that replaces it", async () => {
      expect((await accessory("logs", "db", "--grep", "listening")).stdout).toMatch(
        new RegExp(`^${host.name}/db \\| .* listening on 3000\\n$`),
      );
      const asking = ask(stack, "accessory logs", "db", "-f", "-n", "1");
      await asking.saw(" | ");
      await replace({ env: { VERSION: "second" } });
      await asking.saw(/\/db \| .*second/);
      asking.process.kill("SIGINT");
      expect((await asking.done).code).toBe(130);
    });

    it("runs a command in its own container, with its secrets, and ends as that ends", async () => {
      const [printed, seven, absent] = await Promise.all([
        accessory("exec", "db", "--", "/tool", "env", "TOKEN"),
        accessory("exec", "db", "/tool", "exit", "7"),
        accessory("exec", "db", "/no-such-program"),
      ]);
      expect({ code: printed.code, stdout: printed.stdout, stderr: printed.stderr }).toEqual({
        code: 0,
        stdout: `${TOKEN}\n`,
        stderr: "",
      });
      expect(seven.code).toBe(7);
      expect(absent.code).toBeGreaterThan(124);
    });

    it("passes any bytes through", async () => {
      const bytes = randomBytes(2_000_000);
      const asking = ask(stack, "accessory exec", "--raw", "db", "/tool", "cat");
      asking.process.stdin.end(bytes);
      const said = await asking.done;
      expect(said.code, said.stderr).toBe(0);
      expect(said.bytes.equals(bytes)).toBe(true);
    });

    it("shows its details, and no value of its environment", async () => {
      const { code, stdout } = await accessory("details", "db", "--json");
      const [printed] = JSON.parse(stdout) as AccessoryDetails[];
      expect(code).toBe(0);
      expect(printed).toMatchObject({
        accessory: "db",
        host: host.name,
        container: CONTAINER,
        image: "shop:16.4",
        digest: "sha256:04bd",
        state: "running",
        drift: null,
        port: 3000,
        published: [],
        last_gap_seconds: 1.34,
        env: { clear: ["VERSION"], secret: ["TOKEN"] },
        since: (await stateOf()).StartedAt,
        mounts: [{ source: "shop-db-data", target: "/data" }],
      });
      expect(stdout + (await accessory("details", "db")).stdout).not.toContain(TOKEN);
    });

    it("is refused under an unknown name", async () => {
      const { code, stderr } = await accessory("restart", "bd");
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error\[UNKNOWN_NAME\]: there is no accessory bd .*\n {2}\| accessories: db\n/);
    });

    it("refuses a console where no client is known, and says what to do", async () => {
      const { code, stderr } = await accessory("console", "db");
      expect(code).toBe(125);
      expect(stderr).toContain("slipway accessory exec -i db -- ");
    });

    it("restarts it in its own container, waits until it answers, and says how long the gap was", async () => {
      await replace({ env: { BOOT_DELAY_MS: "700" } });
      const before = await stateOf();
      const { code, stdout, stderr } = await accessory("restart", "db");
      expect(code, stderr).toBe(0);
      const [, gap] = new RegExp(`^restarted ${CONTAINER} on ${host.name}: gap (\\d+\\.\\d) s\\n$`).exec(stdout) ?? [];
      expect(Number(gap), stdout).toBeGreaterThanOrEqual(0.7);
      const after = await stateOf();
      expect({ running: after.Running, again: after.StartedAt > before.StartedAt }).toEqual({ running: true, again: true });
    });

    it("stops it, says what starts it again, and starts it", async () => {
      const stopped = await accessory("stop", "db");
      expect(stopped.code, stopped.stderr).toBe(0);
      expect(stopped.stdout).toMatch(/^stopped shop-db on .* the next pulumi up starts it again; slipway accessory start db /);
      expect((await stateOf()).Running).toBe(false);
      expect((await accessory("exec", "db", "/tool", "exit", "0")).stderr).toContain("slipway accessory start db");
      const started = await accessory("start", "db");
      expect(started.stdout).toMatch(/^started shop-db on .*: healthy after \d+\.\d s\n$/);
      expect((await stateOf()).Running).toBe(true);
      await replace();
    });

    it("reports a start that does not become healthy", async () => {
      await replace({ env: { EXIT_AFTER_MS: "500", UNHEALTHY: "1" } });
      const { code, stderr } = await accessory("restart", "db");
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error\[ACCESSORY_NOT_RUNNING\]: .*db is not healthy: the container exited with code \d+/);
      expect(stderr).toMatch(/\n {2}serves now: shop-db is stopped with code \d+; its data is unchanged\n/);
      await replace();
    });

    it("starts it in any case when it is interrupted between stop and start", async () => {
      await replace({ env: { IGNORE_SIGTERM: "1" } });
      await declareByHand(stack, [anAccessory(host, { stopTimeout: 3 })]);
      const [before, since] = [await stateOf(), new Date()];
      const asking = ask(stack, "accessory restart", "db");
      await untilSeen(async () => (await host.mutations(since)).some(({ action }) => action === "kill"));
      asking.process.kill("SIGINT");
      expect((await asking.done).code).toBe(130);
      const after = await stateOf();
      expect({ running: after.Running, again: after.StartedAt > before.StartedAt }).toEqual({ running: true, again: true });
      await declareByHand(stack, [anAccessory(host)]);
      await replace();
    });

    it("never starts it beside a second server on its data", async () => {
      await runContainer({ name: `${CONTAINER}-next` });
      await host.docker.getContainer(CONTAINER).stop();
      try {
        const { code, stderr } = await accessory("start", "db");
        expect(code).toBe(1);
        expect(stderr).toContain("a second server on the same data");
        expect((await stateOf()).Running).toBe(false);
      } finally {
        await remove(`${CONTAINER}-next`);
        await host.docker.getContainer(CONTAINER).start();
      }
    });

    it("leaves a foreign container of that name alone", async () => {
      await replace({ labels: { service: "wiki", "slipway.accessory": "wiki" } });
      const before = await stateOf();
      for (const act of ["restart", "stop", "start"]) {
        const { code, stderr } = await accessory(act, "db");
        expect(code).toBe(1);
        expect(stderr).toContain("it was not created by Slipway");
      }
      expect((await stateOf()).StartedAt).toBe(before.StartedAt);
      await replace();
    });

    it("waits for a run that is changing the host, and says who that is", async () => {
      const others = new Hosts(parseAccess(JSON.stringify(labValues(lab).ssh), {}));
      try {
        const { name, address, port, hostKey } = host;
        const lease = await others
          .at({ name, address, port, user: "root", hostKey })
          .lease("ci@build-7", { deadline: Deadline.in(10) });
        const asking = ask(stack, "accessory stop", "db");
        await asking.saw(/waiting for .*, which ci@build-7 since .* is changing/);
        expect((await stateOf()).Running).toBe(true);
        await lease.release();
        expect((await asking.done).code).toBe(0);
        expect((await stateOf()).Running).toBe(false);
      } finally {
        await others.close();
        await replace();
      }
    });
  });

  describe("through slipway tunnel", () => {
    let open: Asking[] = [];
    afterEach(async () => {
      for (const { process } of open) process.kill("SIGINT");
      await Promise.all(open.map(({ done }) => done));
      open = [];
    });

    /** Gives the port of this machine. */
    async function tunnel(...args: readonly string[]): Promise<{ asking: Asking; port: number }> {
      const asking = ask(stack, "tunnel", "db", ...args);
      open.push(asking);
      await asking.saw(/^127\.0\.0\.1:\d+$/m);
      return { asking, port: Number(/^127\.0\.0\.1:(\d+)$/m.exec(asking.output())?.[1]) };
    }
    const version = async (port: number): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}/version`, { headers: { connection: "close" } })).text();

    it("answers here, though it is published nowhere, over one connection", async () => {
      const { asking, port } = await tunnel();
      expect(await Promise.all(Array.from({ length: 20 }, () => version(port)))).toEqual(Array(20).fill("first"));
      const { NetworkSettings } = await host.docker.getContainer(CONTAINER).inspect();
      expect(Object.values(NetworkSettings.Ports).flat().filter(Boolean)).toEqual([]);
      asking.process.kill("SIGINT");
      const { code, trace } = await asking.done;
      expect({ code, connections: connectionsIn({ trace, code, output: "", seconds: 0 }) }).toEqual({
        code: 0,
        connections: { [host.name]: 1 },
      });
      await expect(version(port)).rejects.toThrow();
    });

    it("takes a free port where its own is taken, and listens to this machine alone", async () => {
      const [first, second] = [await tunnel(), await tunnel()];
      expect(second.port).not.toBe(first.port);
      expect(second.asking.output()).toContain("using a free port");
      expect(await version(second.port)).toBe("first");
      await expect(answers(host.address, second.port)).resolves.toBe(false);
    });

    it("follows the accessory when its container is replaced, and says so", async () => {
      const { asking, port } = await tunnel();
      expect(await version(port)).toBe("first");
      const id = await replace({ env: { VERSION: "second", BOOT_DELAY_MS: "300" } });
      expect(await version(port)).toBe("second");
      await asking.saw(`${CONTAINER} on ${host.name} was replaced`);
      expect((await host.docker.getContainer(CONTAINER).inspect()).Id).toBe(id);
      await replace();
    });

    it("dials a lost connection again", async () => {
      const { asking, port } = await tunnel();
      expect(await version(port)).toBe("first");
      await host.dropSessions();
      await asking.saw("reached again");
      expect(await version(port)).toBe("first");
    });

    it("reports briefly that nothing listens at a port of the container", async () => {
      const { asking, port } = await tunnel("--to", "3999", "--port", "48231");
      expect(port).toBe(48_231);
      await expect(version(port)).rejects.toThrow();
      await asking.saw("a connection was not taken: connection refused");
    });

    it("is refused while the accessory does not run", async () => {
      await host.docker.getContainer(CONTAINER).stop();
      try {
        const { code, stderr } = await slipway(stack, "tunnel", "db");
        expect(code).toBe(1);
        expect(stderr).toContain("slipway accessory start db");
      } finally {
        await host.docker.getContainer(CONTAINER).start();
      }
    });
  });

  describe("when it is a real PostgreSQL", () => {
    const PG = "shop-pg";
    const ENV = { POSTGRES_USER: "app", POSTGRES_DB: "shop" };

    beforeAll(async () => {
      const { ref } = await postgresImage(lab.registry, { tag: "17.1" });
      const container = await host.docker.createContainer({
        name: PG,
        Image: await pulled(lab, host, ref),
        Hostname: PG,
        Env: Object.entries({ ...ENV, POSTGRES_PASSWORD: TOKEN }).map(([key, value]) => `${key}=${value}`),
        Labels: { service: PG, "slipway.accessory": "pg", "slipway.spec": "ab12cd34", "slipway.image": "postgres:17.1" },
        HostConfig: { NetworkMode: "kamal", Binds: [`${PG}-data:/var/lib/postgresql/data`] },
      });
      await container.start();
      const { ready } = PRESETS.postgres;
      const pg = anAccessory(host, {
        accessory: "pg",
        container: PG,
        image: "postgres:17.1",
        preset: "postgres",
        containerPort: 5432,
        env: ENV,
        secretEnv: { POSTGRES_PASSWORD: "POSTGRES_PASSWORD" },
        stopTimeout: 60,
        bootTimeout: 60,
        ready: { by: "command", command: [...ready], interval: 1, timeout: 5 },
      });
      await declareByHand(stack, [anAccessory(host), pg]);
    });

    /** What the console answers to SQL on its stdin. */
    const sql = async (query: string): Promise<{ code: number; stdout: string; stderr: string }> => {
      const asking = ask(stack, "accessory console", "pg");
      asking.process.stdin.end(`${query}\n`);
      return asking.done;
    };

    it("is restarted until it takes connections, and its console has the rows of before", async () => {
      // The first start makes the cluster; this one waits for what that left.
      const started = await accessory("restart", "pg");
      expect(started.code, started.stderr).toBe(0);
      const made = await sql("create table orders as select generate_series(1, 1000) as id;");
      expect(made.code, made.stderr).toBe(0);
      const { code, stdout, stderr } = await accessory("restart", "pg");
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^restarted shop-pg on .*: gap \d+\.\d s\n$/);
      expect((await sql("select 'rows ' || count(*) from orders;")).stdout).toContain("rows 1000");
    });

    it("is there through a tunnel, with a URL that names the user and the database and no password", async () => {
      const asking = ask(stack, "tunnel", "pg");
      await asking.saw(/^postgres:\/\/app@127\.0\.0\.1:\d+\/shop$/m);
      const port = Number(/^postgres:.*:(\d+)\/shop$/m.exec(asking.output())?.[1]);
      expect(await answerTo(port, SSL_REQUEST)).toBe("N");
      expect(asking.output()).not.toContain(TOKEN);
      asking.process.kill("SIGINT");
      expect((await asking.done).code).toBe(0);
    });
  });
});

/** Asks a PostgreSQL whether it speaks TLS: one without says `N`. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

const answerTo = async (port: number, question: Buffer): Promise<string> => {
  const socket = connect({ host: "127.0.0.1", port, timeout: 10_000 });
  socket.write(question);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString();
};

const untilSeen = (look: () => Promise<boolean>): Promise<true> =>
  Deadline.in(20).until(
    async () => (await look()) || undefined,
    () => new Error("it was never seen"),
  );

const answers = (address: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    for (const [event, is] of [
      ["connect", true],
      ["error", false],
      ["timeout", false],
    ] as const)
      socket.once(event, () => {
        socket.destroy();
        resolve(is);
      });
  });
