import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PRESETS } from "../../../core/accessory/preset.ts";
import { Deadline } from "../../../core/deadline.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { postgresImage } from "../../../lab/postgres.ts";
import type { LabStack } from "../../../lab/stack.ts";
import { anAccessory, declareByHand } from "../../support/declared-accessory.ts";
import { pulled } from "../../support/images.ts";
import { connectionsIn } from "../../support/outcome.ts";
import { type Asking, ask, slipway } from "../../support/slipway.ts";
import { AccessoryStack, CONTAINER, type Made, TOKEN } from "./accessory-stack.ts";

describe("an accessory for a client on this machine", { tags: "long" }, () => {
  let declared: AccessoryStack;
  let lab: Lab;
  let stack: LabStack;
  let host: LabHost;

  beforeAll(async () => {
    declared = await AccessoryStack.create();
    ({ lab, stack, host } = declared);
  });
  afterAll(() => declared[Symbol.asyncDispose]());

  const replace = (made?: Made) => declared.replace(made);
  const accessory = (act: string, ...args: readonly string[]) => declared.accessory(act, ...args);

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
      await asking.saw("a connection failed: connection refused");
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
      // A restart while the first start still creates the database would leave it without one. Until then it listens on its socket alone.
      const asked = `docker exec -e PGPASSWORD=${TOKEN} ${PG} psql -h 127.0.0.1 -U app -d shop -Atc 'select 1'`;
      await Deadline.in(120).until(
        async () => ((await host.sh(asked)).code === 0 ? true : undefined),
        () => new Error(`${PG} never answered`),
      );
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
