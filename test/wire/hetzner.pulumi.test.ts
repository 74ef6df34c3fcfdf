import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { ensurePulumi } from "../../tools/pulumi/index.ts";
import { HetznerStack } from "./hetzner-stack.ts";
import { LocalSshd } from "./local-sshd.ts";

/** Five runs of the CLI, on a machine under load. */
const PATIENCE = 300_000;

let cloud: HetznerCloud;
let sshd: LocalSshd;
let stack: HetznerStack;

// Builds the CLI if it is missing.
beforeAll(async () => void (await ensurePulumi()), 900_000);

beforeEach(async () => {
  [cloud, sshd] = await Promise.all([HetznerCloud.start({ action: 5 }), LocalSshd.start()]);
  stack = await HetznerStack.create(cloud);
  await stack.configure({ "test:publicKey": sshd.user.publicKey });
  await trust(sshd.hostKey);
});

afterEach(async () => {
  await stack[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
  await sshd.stop();
});

/** The host key that the program expects for its remote command. */
const trust = (hostKey: string): Promise<void> =>
  stack.configure({
    "test:ssh": JSON.stringify({ port: sshd.port, hostKey, privateKey: sshd.user.privateKey, dialErrorLimit: 1 }),
  });

async function up(): Promise<string> {
  cloud.calls.length = 0;
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
  return output;
}

describe("@pulumi/hcloud and @pulumi/command with fake plugins", () => {
  it(
    "make what is declared, nothing the second time, only what differs after that, and leave nothing behind",
    async () => {
      cloud.faults.limitRate(2);
      await up();
      const ALONE = { ssh_key: 1, network: 1, firewall: 1, placement_group: 1, volume: 1, load_balancer: 1, certificate: 1 };
      expect(cloud.inventory()).toEqual({ ...ALONE, server: 1, primary_ip: 2 });
      const [server] = cloud.project.servers.all;
      expect(server).toMatchObject({
        name: "web-1",
        status: "running",
        backupWindow: "22-02",
        attachments: [{ ip: "10.0.1.10" }],
      });
      expect(await stack.outputs()).toMatchObject({
        ipv4: [server?.address],
        status: ["running"],
        stdout: "hello!",
        hostname: "ran: hostname",
        fsn1: "eu-central",
      });
      const state = await stack.exported();
      for (const secret of [cloud.token, "ssh_deletekeys", "PRIVATE KEY"]) expect(state).not.toContain(secret);

      await up();
      expect(cloud.mutations()).toEqual([]);
      expect(sshd.commands).toEqual(["hostname"]);

      cloud.faults.servers = 2;
      await stack.configure({ "test:count": "3", "test:greeting": "moin" });
      const over = await stack.up();
      expect(over.code).not.toBe(0);
      expect(over.output).toContain("server limit exceeded (resource_limit_exceeded)");

      cloud.faults.servers = undefined;
      const output = await up();
      expect(cloud.project.servers.all.map(({ name }) => name).sort()).toEqual(["web-1", "web-2", "web-3"]);
      expect(cloud.calls.filter(({ method, path }) => method === "POST" && path === "/servers")).toHaveLength(1);
      expect(output, "web-1 is left alone").not.toMatch(/Server web-1 updat/);
      expect(await stack.outputs()).toMatchObject({ stdout: "again: moin" });
      expect(sshd.commands).toEqual(["hostname", "hostname"]);

      const { code, output: destroyed } = await stack.destroy();
      expect(code, destroyed).toBe(0);
      expect(cloud.inventory()).toEqual({});
    },
    PATIENCE,
  );

  it(
    "say what failed, keep what was half made, and go on from there",
    async () => {
      // No server yet: it would be made beside the command, and be started or not when that is refused.
      await stack.configure({ "test:count": "0" });
      await trust(LocalSshd.aHostKey().publicKey);
      const refused = await stack.up();
      expect(refused.code).not.toBe(0);
      expect(refused.output).toContain("host key mismatch");
      expect(sshd.commands).toEqual([]);

      await stack.configure({ "test:count": "1" });
      await trust(sshd.hostKey);
      cloud.faults.failAction("start_server", { code: "server_error", message: "no luck" });
      const failed = await stack.up();
      expect(failed.code).not.toBe(0);
      expect(failed.output).toMatch(/no luck \(server_error, \d+\)/);
      expect(cloud.inventory()).toMatchObject({ server: 1 });
      expect(sshd.commands).toEqual(["hostname"]);

      await up();
      expect(cloud.inventory()).toMatchObject({ server: 1, load_balancer: 1 });
      expect(sshd.commands).toEqual(["hostname"]);
      const { code, output } = await stack.destroy();
      expect(code, output).toBe(0);
      expect(cloud.inventory()).toEqual({});
    },
    PATIENCE,
  );
});
