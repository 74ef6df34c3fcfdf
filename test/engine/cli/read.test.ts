import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StatusReport } from "../../../cli/status/report.ts";
import { Deadline } from "../../../core/deadline.ts";
import { Hosts, parseAccess } from "../../../hosts/index.ts";
import { goBinary } from "../../../lab/gobuild.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, LabStack } from "../../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { connectionsIn, details, done, mutationsDuring, nothingOn, update } from "../../support/outcome.ts";
import { ask, askInTerminal, slipway } from "../../support/slipway.ts";
import { dailyCommands } from "./daily-commands.ts";

/** A secret: only the container may contain it. */
const TOKEN = "sesame-4711";

describe("the commands that read a deployment", () => {
  let lab: Lab;
  let stack: LabStack;
  let first: LabHost;
  let second: LabHost;

  beforeAll(async () => {
    lab = await freshHosts(2);
    [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    const web = { hosts: addressesOf(lab.hosts) };
    const worker = { hosts: addressesOf([second]), cmd: "/app worker", proxy: false };
    const values = { image: await image("v1"), servers: { web, worker }, readiness_delay: 1, env: { secret: ["TOKEN"] } };
    stack = await LabStack.create(lab, values, { "slipway:secrets.TOKEN": TOKEN });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const image = async (version: string): Promise<string> => {
    const content = await goBinary({ name: "tool", from: new URL("../../../lab/tool/", import.meta.url).pathname, target: "." });
    return (await lab.image("shop-with-tool", version, {}, { files: [{ name: "tool", mode: 0o755, content }] })).ref;
  };
  const report = async (): Promise<{ code: number; printed: StatusReport }> => {
    const { code, stdout } = await slipway(stack, "status", "--json");
    return { code, printed: JSON.parse(stdout) as StatusReport };
  };
  const of = (printed: StatusReport, { name }: LabHost) => printed.hosts.find(({ host }) => host === name);
  const webOn = async (host: LabHost) => {
    const web = (await containersOf(host)).find(({ state, labels }) => state === "running" && labels.role === "web");
    return host.docker.getContainer(web?.id ?? "no web container runs");
  };
  const execContainers = (host: LabHost) => host.docker.listContainers({ all: true, filters: { label: ["slipway.temporary"] } });

  describe("by slipway status", () => {
    it("is printed on one screen, over one SSH connection to each host, and nothing is changed", async () => {
      let said = { code: -1, stdout: "", connections: {} };
      const mutations = await mutationsDuring(lab.hosts, async () => {
        const { code, stdout, trace } = await slipway(stack, "status");
        said = { code, stdout, connections: connectionsIn({ trace, code, output: "", seconds: 0 }) };
      });
      expect(said.code, said.stdout).toBe(0);
      expect(said.stdout).toContain("✔ all as declared");
      expect(said.stdout).toContain((await liveOf(first)).name);
      expect(said.stdout).toMatch(/^lease {4}free$/m);
      expect(said.stdout.split("\n").length).toBeLessThan(20);
      expect(said.connections).toEqual(Object.fromEntries(lab.hosts.map(({ name }) => [name, 1])));
      expect(mutations).toEqual(nothingOn(lab.hosts));
    });

    it("is printed as JSON: what serves according to the proxy, since when, and the disk", async () => {
      const { code, printed } = await report();
      expect(code).toBe(0);
      expect(printed).toMatchObject({ schema: 1, verdict: "as declared", service: "shop", stack: stack.name });
      const live = await liveOf(first);
      const inspected = await first.docker.getContainer(live.id).inspect();
      expect(of(printed, first)).toMatchObject({
        unreachable: null,
        change: null,
        proxy: "running",
        lease: null,
        routes: [{ role: "web", state: "serving" }],
        containers: [{ role: "web", container: live.name, state: "serving", since: inspected.State.StartedAt, restarts: 0 }],
      });
      expect(of(printed, first)?.containers[0]?.memory_bytes).toBeGreaterThan(0);
      expect(of(printed, first)?.disk?.free_bytes).toBeGreaterThan(0);
      expect(of(printed, second)?.containers.map(({ role, state }) => `${role} ${state}`)).toEqual([
        "web serving",
        "worker running",
      ]);
    });

    it("names a container that was stopped by hand in the words of the preview, and ends with 1", async () => {
      const container = await webOn(second);
      await container.stop();
      try {
        const { code, printed } = await report();
        expect(code).toBe(1);
        expect(printed.verdict).toBe("not as declared");
        const words = of(printed, second)?.change ?? "";
        expect(words).toMatch(/^found stopped with code 0 \(drift\) · /);
        expect((await details(stack)).output).toContain(`${second.name}  ${words}`);
        expect(of(printed, first)?.change).toBeNull();
        const { stdout } = await slipway(stack, "status");
        expect(stdout).toMatch(new RegExp(`^${second.name} .*stopped with code 0.*◀ drifted$`, "m"));
      } finally {
        await container.start();
      }
    });

    it("says who changes a host, without waiting for them", async () => {
      const json = JSON.stringify({ keys: lab.key.file, agent: false, config: false, known_hosts: [] });
      const others = new Hosts(parseAccess(json, {}));
      try {
        const { name, address, port, hostKey } = first;
        await others.at({ name, address, port, user: "root", hostKey }).lease("ci@build-7", { deadline: Deadline.in(10) });
        const { code, printed } = await report();
        expect(code).toBe(0);
        expect(of(printed, first)?.lease?.owner).toBe("ci@build-7");
        expect(of(printed, second)?.lease).toBeNull();
      } finally {
        await others.close();
      }
    });

    it("ends with 2 when a host cannot be asked and nothing else is wrong", async () => {
      await second.stopSsh();
      try {
        const { code, printed } = await report();
        expect({ code, verdict: printed.verdict }).toEqual({ code: 2, verdict: "unknown" });
        expect(of(printed, second)?.unreachable).toMatch(/refused|cannot be reached/);
        expect(of(printed, first)?.containers[0]?.state).toBe("serving");
      } finally {
        await second.startSsh();
      }
    });

    it("gets in with a key that is only in the encrypted config", async () => {
      const hostKeys = Object.fromEntries(lab.hosts.map(({ name, hostKey }) => [name, hostKey]));
      await stack.secrets({ "slipway:secrets.DEPLOY_KEY": await readFile(lab.key.file, "utf8") });
      await stack.configure({ ssh: { key_data: ["DEPLOY_KEY"], agent: false, config: false, host_keys: hostKeys } });
      const { code, stdout, stderr } = await slipway(stack, "status");
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    });

    it("fails with a SlipwayError for a missing stack", async () => {
      const { code, stdout, stderr } = await slipway(stack, "status", "--stack", "nowhere");
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^error\[PULUMI_FAILED\]: pulumi stack \w.*failed\n( {2}\| .*\n)+ {2}serves now: .*\n {2}next: .*--stack/,
      );
    });
  });

  describe("by slipway logs", () => {
    it("shows the lines of all hosts in the order of Docker's times, each with whose it is", async () => {
      const { code, stdout, stderr } = await slipway(stack, "logs");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const lines = stdout.trimEnd().split("\n");
      const sources = new Set(lines.map((line) => line.split(" | ")[0]?.trim()));
      expect([...sources].sort()).toEqual([`${first.name}/web`, `${second.name}/web`, `${second.name}/worker`]);
      const last = lines.findIndex((line) => line.includes("finishes what is in flight"));
      // The container that a test stopped and started again: its second start is after the first of all others.
      expect(lines.findLastIndex((line) => line.startsWith(`${second.name}/web`) && line.includes("listening"))).toBeGreaterThan(
        last,
      );
    });

    it("finds a text on one host, and counts only lines that have it", async () => {
      const { stdout } = await slipway(
        stack,
        "logs",
        "--host",
        first.name,
        "--grep",
        "^.* LIST.N",
        "--grep-options",
        "-i",
        "-n",
        "1",
      );
      expect(stdout).toMatch(new RegExp(`^${first.name}/web \\| .* listening on 3000\\n$`));
    });

    it("ends quietly when its reader has enough", async () => {
      const asking = ask(stack, "logs", "-f");
      await once(asking.process.stdout, "data");
      asking.process.stdout.destroy();
      // The next line meets the closed pipe.
      await (await webOn(second)).restart();
      const { code, stderr } = await asking.done;
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });

    it("goes on over a deploy and over a lost connection, and ends with 130 on Ctrl-C", async () => {
      const asking = ask(stack, "logs", "--follow", "-n", "1");
      await asking.saw(" | ");
      await stack.configure({ image: await image("v2") });
      await done(update(stack));
      for (const { name } of lab.hosts) await asking.saw(new RegExp(`${name}/web +\\| .*version v2`));
      await first.dropSessions();
      await asking.saw(`${first.name}: reached again`);
      await first.docker.getContainer((await liveOf(first)).id).restart();
      await asking.saw(new RegExp(`(${first.name}/web +\\| .*version v2[^]*){2}`));
      asking.process.kill("SIGINT");
      const { code, stdout, stderr } = await asking.done;
      expect(code).toBe(130);
      expect(stderr.trim().split("\n")).toEqual([
        expect.stringMatching(new RegExp(`^slipway: ${first.name}: .*; retrying for up to 30 s$`)),
        `slipway: ${first.name}: reached again`,
      ]);
      // Nothing twice: each line has a time of its own.
      const lines = stdout.trimEnd().split("\n");
      expect(new Set(lines).size).toBe(lines.length);
    });
  });

  describe("after a new version", () => {
    it("still has the lines of the one before", async () => {
      const { stdout } = await slipway(stack, "logs", "--release", "v1", "--host", first.name, "-n", "1");
      expect(stdout).toMatch(new RegExp(`^${first.name}/web \\| .* bye\\n$`));
    });

    it("names what a rollback needs no pull for", async () => {
      const { printed } = await report();
      const hosts = [first.name, second.name];
      expect(printed.rollbacks).toEqual(
        expect.arrayContaining([{ role: "web", release: expect.stringMatching(/^v1-/), hosts, everywhere: true }]),
      );
    });
  });

  describe("by slipway exec", () => {
    it("runs a command beside the release, with its secrets, and leaves nothing", async () => {
      const { code, stdout, stderr } = await slipway(stack, "exec", "--", "/tool", "env", "TOKEN");
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${TOKEN}\n`, stderr: "" });
      expect(await execContainers(first)).toEqual([]);
      expect((await slipway(stack, "status")).code).toBe(0);
    });

    it("ends with the command's exit code, in a new container and in the live one", async () => {
      const [beside, within, absent] = await Promise.all([
        slipway(stack, "exec", "/tool", "exit", "7"),
        slipway(stack, "exec", "--reuse", "/tool", "exit", "9"),
        slipway(stack, "exec", "no-such-program"),
      ]);
      expect([beside.code, within.code, absent.code]).toEqual([7, 9, 127]);
      expect(absent.stderr).toMatch(/^error\[EXEC_FAILED\]: .*no-such-program could not be started\n/);
      expect(await execContainers(first)).toEqual([]);
    });

    it("answers from every host, and keeps stdout and stderr apart", async () => {
      const { stdout, stderr } = await slipway(stack, "exec", "--all", "/tool", "say", "hello", "oops");
      expect(stdout.trimEnd().split("\n").sort()).toEqual(lab.hosts.map(({ name }) => `${name} | hello`));
      expect(stderr.trimEnd().split("\n").sort()).toEqual(lab.hosts.map(({ name }) => `${name} | oops`));
    });

    it.each([[["--raw"]], [["--raw", "--reuse"]]])("passes any bytes through %j", async (flags) => {
      const bytes = randomBytes(5_000_000);
      const asking = ask(stack, "exec", ...flags, "/tool", "cat");
      asking.process.stdin.end(bytes);
      const said = await asking.done;
      expect(said.code, said.stderr).toBe(0);
      expect(md5(said.bytes)).toBe(md5(bytes));
    });

    it.each([[["-i"]], [["-i", "--reuse"]]])("gives the command this terminal with %j", async (flags) => {
      const { stdout } = await askInTerminal(stack, "rows 33 cols 77", "exec", ...flags, "/tool", "size").done;
      expect(stdout).toMatch(/33 rows, 77 columns\r+\n/);
    });

    const commands = async () => (await first.sh("pgrep -fx '/tool wait'")).stdout;

    it("takes its container away on Ctrl-C", async () => {
      const asking = ask(stack, "exec", "/tool", "wait");
      await asking.saw("waits");
      const [container] = await execContainers(first);
      expect(Object.keys(container?.Labels ?? {})).not.toContain("role");
      asking.process.kill("SIGINT");
      expect((await asking.done).code).toBe(130);
      expect(await execContainers(first)).toEqual([]);
    });

    it("ends its command in the live container on Ctrl-C", { tags: "long" }, async () => {
      const asking = ask(stack, "exec", "--reuse", "/tool", "wait");
      await asking.saw("waits");
      asking.process.kill("SIGINT");
      expect((await asking.done).code).toBe(130);
      expect(await commands()).toBe("");
    });

    it.each([[[]], [["--reuse"]]])(
      "ends its command with itself, also by kill -9, in an image without a shell: %j",
      async (flags) => {
        const asking = ask(stack, "exec", ...flags, "/tool", "wait");
        await asking.saw("waits");
        expect(await commands()).not.toBe("");
        asking.process.kill("SIGKILL");
        const ended = async () => ((await commands()) === "" && (await execContainers(first)).length === 0 ? true : undefined);
        await Deadline.in(8).until(ended, () => new Error("it still runs"));
        await liveOf(first);
      },
    );

    it("says that the host ends its command when the connection is lost", async () => {
      const asking = ask(stack, "exec", "/tool", "wait");
      await asking.saw("waits");
      await first.dropSessions();
      const { code, stderr } = await asking.done;
      expect(code).toBe(125);
      expect(stderr).toMatch(/^error\[CONNECTION_LOST\]: .*the connection was lost while \/tool ran\n/);
      expect(stderr).toContain("next: the host ends the command within 30 s; look at what it has done, then run it again");
      const ended = async () => ((await execContainers(first)).length === 0 ? true : undefined);
      await Deadline.in(8).until(ended, () => new Error("its container is still there"));
    });
  });

  dailyCommands(() => ({ lab, stack, token: TOKEN }));

  describe("by slipway lock", () => {
    it("keeps every other run waiting, shows it who and why, and releases the hosts on Ctrl-C", { tags: "long" }, async () => {
      const before = await containersOf(first);
      const locking = ask(stack, "lock", "--message", "moving the database");
      await locking.saw(`locked ${lab.hosts.map(({ name }) => name).join(", ")}`);
      expect((await slipway(stack, "status")).stdout).toMatch(/^lease .*\(moving the database\)/m);

      await stack.configure({ image: await image("v9") });
      const updating = stack.launch(["up", "--yes", "--skip-preview"]);
      // The order of the leases is that of the machines, not of their names.
      await updating.saw("waiting for ");
      expect(await containersOf(first)).toEqual(before);
      locking.process.kill("SIGINT");
      expect((await locking.done).code).toBe(0);
      const { output } = await done(updating.done);
      expect(output).toContain("(moving the database)");
      expect((await liveOf(first)).name).toContain("-v9-");
    });
  });
});

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");
