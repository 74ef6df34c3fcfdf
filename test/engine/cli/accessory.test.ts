import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessoryDetails } from "../../../cli/accessory/details.ts";
import type { StatusReport } from "../../../cli/status/report.ts";
import { Deadline } from "../../../core/deadline.ts";
import { Hosts, parseAccess } from "../../../hosts/index.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { type LabStack, labValues } from "../../../lab/stack.ts";
import { anAccessory, declareByHand } from "../../support/declared-accessory.ts";
import { connectionsIn, mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { ask, slipway } from "../../support/slipway.ts";
import { AccessoryStack, CONTAINER, type Made, TOKEN } from "./accessory-stack.ts";

describe("the commands of an accessory", () => {
  let declared: AccessoryStack;
  let lab: Lab;
  let stack: LabStack;
  let host: LabHost;

  beforeAll(async () => {
    declared = await AccessoryStack.create();
    ({ lab, stack, host } = declared);
  });
  afterAll(() => declared[Symbol.asyncDispose]());

  const runContainer = (made?: Made) => declared.runContainer(made);
  const remove = (name?: string) => declared.remove(name);
  const replace = (made?: Made) => declared.replace(made);
  const stateOf = async (name = CONTAINER) => (await host.docker.getContainer(name).inspect()).State;
  const accessory = (act: string, ...args: readonly string[]) => declared.accessory(act, ...args);

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

    it("stops it, says what starts it again, and starts it", { tags: "long" }, async () => {
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

    it("reports a start that does not become healthy", { tags: "long" }, async () => {
      await replace({ env: { EXIT_AFTER_MS: "500", UNHEALTHY: "1" } });
      const { code, stderr } = await accessory("restart", "db");
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error\[ACCESSORY_NOT_RUNNING\]: .*db is not healthy: the container exited with code \d+/m);
      expect(stderr).toMatch(/\n {2}serves now: shop-db is stopped with code \d+; its data is unchanged\n/);
      await replace();
    });

    it("starts it in any case when it is interrupted between stop and start", { tags: "long" }, async () => {
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

    it("leaves a foreign container of that name alone", { tags: "long" }, async () => {
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
        await asking.saw(/waiting for .*, which another run is changing: ci@build-7 since .*; this one goes on when that ends/);
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
});

const untilSeen = (look: () => Promise<boolean>): Promise<true> =>
  Deadline.in(20).until(
    async () => (await look()) || undefined,
    () => new Error("it was never seen"),
  );
