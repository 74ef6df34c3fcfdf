import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ProxyDetails } from "../../../cli/proxy/details.ts";
import type { StatusReport } from "../../../cli/status/report.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { LabStack } from "../../../lab/stack.ts";
import { containersOf, hostOf } from "../../support/hosts.ts";
import { details, mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { slipway } from "../../support/slipway.ts";
import { expectNobodyFailed, visited } from "../../support/visitors.ts";

interface Deployed {
  readonly lab: Lab;
  readonly stack: LabStack;
  /** Its secret, which its containers have. */
  readonly token: string;
}

/** What a person does between two releases: `web` runs on two hosts, `worker` on the second. */
export function dailyCommands(deployed: () => Deployed): void {
  const first = () => hostOf(deployed().lab, 0);
  const second = () => hostOf(deployed().lab, 1);
  const run = (command: string, ...args: readonly string[]) => slipway(deployed().stack, command, ...args);
  const well = async (command: string, ...args: readonly string[]) => {
    const said = await run(command, ...args);
    expect(said.code, `${command} ${args.join(" ")}\n${said.stdout}${said.stderr}`).toBe(0);
    return said;
  };
  const runningOn = async (host: LabHost, role: string) => {
    const all = (await containersOf(host)).filter(({ state, labels }) => state === "running" && labels.role === role);
    return all.map(({ id, name }) => ({ id, name }));
  };
  const answerOf = async ({ address }: LabHost) => {
    const answer = await fetch(`http://${address}/`);
    return { status: answer.status, body: await answer.text() };
  };
  const report = async () => {
    const { code, stdout } = await run("status", "--json");
    return { code, hosts: (JSON.parse(stdout) as StatusReport).hosts };
  };
  const stackFile = () =>
    readFile(join(import.meta.dirname, "..", "..", "..", "stacks", `Pulumi.${deployed().stack.name}.yaml`), "utf8");

  describe("by slipway restart", () => {
    it("is in new containers of the same release, with its secrets, and no request has failed", async () => {
      const [before, worker] = [await runningOn(first(), "web"), await runningOn(second(), "worker")];
      const { body: version } = await answerOf(first());
      const all = (await containersOf(first())).map(({ name }) => name).sort();
      const visits = await visited(deployed().lab, [version], () => well("restart", "--host", first().name), [first()]);
      expectNobodyFailed(visits);
      expect(visits.result.stdout).toMatch(new RegExp(`^ {2}${first().name} {2}restart ${before[0]?.name} {3}gap 0 s$`, "m"));
      const after = await runningOn(first(), "web");
      expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
      expect(after[0]?.id).not.toBe(before[0]?.id);
      const { Config, HostConfig } = await first()
        .docker.getContainer(after[0]?.id ?? "")
        .inspect();
      expect(Config.Env).toContain(`TOKEN=${deployed().token}`);
      expect(HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
      expect((await containersOf(first())).map(({ name }) => name).sort()).toEqual(all);
      expect(await runningOn(second(), "worker")).toEqual(worker);
      expect((await report()).code).toBe(0);
    });
  });

  describe("by slipway stop and start", () => {
    it("answers 503 where it was stopped, says so, and is back", async () => {
      const { body: version } = await answerOf(second());
      expect((await run("stop")).stderr).toContain("run it with --yes, or on a terminal");
      await well("stop", "--host", second().name, "--role", "w*", "--yes");
      expect((await answerOf(first())).status).toBe(200);
      expect(await answerOf(second())).toEqual({ status: 503, body: expect.stringContaining("This service is stopped.") });
      expect([await runningOn(second(), "web"), await runningOn(second(), "worker")]).toEqual([[], []]);
      const { code, hosts } = await report();
      const host = hosts.find(({ host }) => host === second().name);
      expect(code).toBe(1);
      expect(host?.containers.map(({ role, state }) => `${role} ${state}`).sort()).toEqual([
        "web stopped by slipway stop",
        "worker stopped by slipway stop",
      ]);
      expect(host?.routes).toMatchObject([{ role: "web", state: "stopped" }]);
      expect((await details(deployed().stack)).output).toContain(`${second().name}  found stopped by slipway stop · start `);

      await well("start");
      expect(await answerOf(second())).toEqual({ status: 200, body: version });
      expect((await runningOn(second(), "worker")).map(({ name }) => name)).not.toEqual([]);
      expect((await report()).code).toBe(0);
      const mutations = await mutationsDuring(deployed().lab.hosts, () => well("start"));
      expect(mutations).toEqual(nothingOn(deployed().lab.hosts));
    });
  });

  describe("by slipway maintenance", () => {
    it("is closed on every host at once and stays so, and is open again", async () => {
      const { body: version } = await answerOf(first());
      const [before, containers] = [await stackFile(), await runningOn(first(), "web")];
      await well("maintenance on", "--message", "back at ten");
      for (const host of deployed().lab.hosts)
        expect(await answerOf(host)).toEqual({ status: 503, body: expect.stringContaining("back at ten") });
      expect(await stackFile()).toBe(`${before}  slipway:maintenance:\n    message: "back at ten"\n`);
      expect(await runningOn(first(), "web")).toEqual(containers);
      // Neither a restart nor a release ends what the file declares.
      await well("restart", "--role", "worker");
      await well("deploy");
      expect((await answerOf(second())).status).toBe(503);
      await well("maintenance off");
      for (const host of deployed().lab.hosts) expect(await answerOf(host)).toEqual({ status: 200, body: version });
      expect(await stackFile()).toBe(before);
      await well("deploy");
      expect((await report()).code).toBe(0);
    });
  });

  describe("by slipway proxy", () => {
    it("is served by a proxy that was restarted as it is, host by host", async () => {
      const proxies = () => Promise.all(deployed().lab.hosts.map(({ docker }) => docker.getContainer("kamal-proxy").inspect()));
      const before = await proxies();
      const { stdout } = await well("proxy restart", "--rolling", "--yes");
      expect(stdout.match(/^restarted kamal-proxy on \S+: gap [\d.]+ s$/gm)).toHaveLength(2);
      const after = await proxies();
      expect(after.map(({ Id }) => Id)).toEqual(before.map(({ Id }) => Id));
      for (const [at, { State }] of after.entries()) expect(State.StartedAt > (before[at]?.State.StartedAt ?? "")).toBe(true);
      for (const host of deployed().lab.hosts) expect((await answerOf(host)).status).toBe(200);
      const shown = JSON.parse((await well("proxy details", "--json")).stdout) as ProxyDetails[];
      const [live] = await runningOn(first(), "web");
      expect(shown.find(({ host }) => host === first().name)).toMatchObject({
        state: "running",
        version: expect.stringMatching(/^v\d/),
        ports: expect.arrayContaining(["80:80"]),
        routes: [{ targets: [live?.name], state: "running", tls: "off" }],
      });
      const logs = await well("proxy logs", "--host", first().name, "-T", "-n", "1", "--grep", '"path":"/"');
      expect(logs.stdout).toMatch(
        new RegExp(`^${first().name}/proxy \\| \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z \\{.*"path":"/".*\\}\\n$`),
      );
    });

    it("is not served without it, until it is started", { tags: "long" }, async () => {
      await well("proxy stop", "--host", second().name, "--yes");
      await expect(answerOf(second())).rejects.toThrow();
      expect((await answerOf(first())).status).toBe(200);
      await well("proxy start");
      expect((await answerOf(second())).status).toBe(200);
    });
  });

  describe("by slipway remove", () => {
    it("is gone from its hosts, with its images, and slipway start brings it back", { tags: "long" }, async () => {
      const { body: version } = await answerOf(first());
      expect((await run("remove")).stderr).toContain("run it with --yes, or on a terminal");
      const { stdout } = await well("remove", "--yes");
      expect(stdout).toContain("stays: the proxy and the servers");
      for (const host of deployed().lab.hosts) {
        expect(await containersOf(host)).toEqual([]);
        expect((await answerOf(host)).status).toBe(404);
        expect(await host.must("docker images --quiet --filter reference='*/*/shop-with-tool'")).toBe("");
      }
      await well("start");
      for (const host of deployed().lab.hosts) expect(await answerOf(host)).toEqual({ status: 200, body: version });
      expect((await report()).code).toBe(0);
    });
  });

  describe("by slipway server exec", () => {
    it("is beside commands on the hosts themselves, with their lines and the exit code", async () => {
      const [all, one] = await Promise.all([
        run("server exec", "--", "hostname; echo oops >&2; exit 3"),
        run("server exec", "--role", "work*", "printf", "%s", "a b"),
      ]);
      expect(all.code).toBe(3);
      expect(all.stderr.trimEnd().split("\n").sort()).toEqual(deployed().lab.hosts.map(({ name }) => `${name} | oops`));
      expect({ code: one.code, stdout: one.stdout }).toEqual({ code: 0, stdout: "a b" });
      const absent = await run("server exec", "--host", "db-*", "true");
      expect(absent.code).toBe(125);
      expect(absent.stderr).toMatch(new RegExp(`there is no host db-\\* in this stack\\n {2}\\| hosts: ${first().name}`));
    });
  });

  describe("by slipway exec", () => {
    it("gives its command variables, in a new container and in the live one, and says where a line needs a shell", async () => {
      const [beside, within, line] = await Promise.all([
        run("exec", "-e", "A=1", "-e", "TOKEN:two words", "/tool", "env", "TOKEN"),
        run("exec", "--reuse", "-e", "A=1", "/tool", "env", "A"),
        run("exec", "/tool env TOKEN"),
      ]);
      expect([beside.stdout, within.stdout, line.code]).toEqual(["two words\n", "1\n", 127]);
      expect(line.stderr).toContain("the image has no shell");
    });

    it("leaves a detached command to itself, with its output", { tags: "long" }, async () => {
      const { stdout } = await well("exec", "--detach", "/tool", "env", "TOKEN");
      const name = stdout.trim().replace(`${first().name} | `, "");
      expect((await run("server exec", "--host", first().name, `docker wait ${name} && docker logs ${name}`)).stdout).toBe(
        `0\n${deployed().token}\n`,
      );
      await first().must(`docker rm ${name}`);
    });
  });
}
