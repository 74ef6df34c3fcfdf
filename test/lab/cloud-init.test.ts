// Of the lab itself.
// @module-tag long
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Deadline } from "../../core/deadline.ts";
import { parseUserData } from "../../lab/cloud-config.ts";
import { type BootOptions, bootedHost, bootMachine, removeBooted } from "../../lab/cloud-init.ts";
import type { LabHost } from "../../lab/host.ts";
import { ensureHostKey } from "../../lab/keys.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { Operator } from "../../lab/reach.ts";

const NAME = hostFor("cloud");
let lab: Lab;
let operator: Operator;
let operatorKey: string;

beforeAll(async () => {
  lab = await startLab({ hosts: [], bare: true });
  operator = new Operator(lab);
  operatorKey = lab.key.publicKey;
}, 600_000);

afterAll(async () => {
  await operator.close();
  await removeBooted(NAME);
});

const config = (values: object): string => `#cloud-config\n${stringify(values)}`;

async function booted(userData: string, options: BootOptions = {}): Promise<LabHost> {
  await bootMachine(NAME, userData, { authorizedKeys: [operatorKey], ...options });
  return bootedHost(NAME);
}

/** Waits for cloud-init; returns exit code and last line of `cloud-init status`. */
async function finished(host: LabHost): Promise<readonly [code: number, status: string]> {
  const { code, stdout } = await host.sh("timeout 60 cloud-init status --wait");
  return [code, stdout.trim().split("\n").at(-1) ?? ""];
}

const as = async (host: LabHost, user: string, command: string): Promise<string> =>
  (await operator.reach(host, { user }).run(["sh", "-c", command], { deadline: Deadline.in(20) })).stdout.trim();

describe("a machine booted from a cloud-config", () => {
  it("has the given host key, users, files and packages, and ran the commands", async () => {
    const { file, publicKey } = await ensureHostKey(NAME, lab.key);
    const host = await booted(
      config({
        ssh_keys: { ed25519_private: await readFile(file, "utf8"), ed25519_public: publicKey },
        ssh_pwauth: false,
        users: [
          "default",
          {
            name: "deploy",
            sudo: "ALL=(ALL) NOPASSWD:ALL",
            groups: "adm, ops",
            shell: "/bin/bash",
            ssh_authorized_keys: [operatorKey],
          },
        ],
        write_files: [{ path: "/etc/app/it's", content: "a $HOME\n", permissions: "0640", owner: "root:adm" }],
        packages: ["jq"],
        runcmd: ["echo $HOME >/root/ran; date >>/root/times", ["touch", "/root/it's"]],
      }),
    );
    await host.ready();
    expect(host.hostKey).toBe(publicKey);
    expect(await as(host, "deploy", "id -nG; sudo -n id -u")).toBe("deploy adm ops\n0");
    expect(await as(host, "root", "cat \"/etc/app/it's\"; stat -c '%a %G' /etc/app/*")).toBe("a $HOME\n640 adm");
    expect(await host.must("sshd -T | grep passwordauthentication; getent passwd nodocker || echo none")).toBe(
      "passwordauthentication no\nnone\n",
    );
    expect(await finished(host)).toEqual([0, "status: done"]);
    expect(await host.must("cat /root/ran; ls /root; echo '[1]' | jq .[0]")).toBe("/root\nit's\nran\ntimes\n1\n");
    expect(JSON.parse(await host.must("cat /run/cloud-init/result.json"))).toEqual({
      v1: { datasource: "DataSourceHetzner", errors: [] },
    });

    await host.restart();
    expect(await finished(host)).toEqual([0, "status: done"]);
    expect((await host.must("cat /root/times")).trim().split("\n")).toHaveLength(1);
  }, 60_000);

  it("accepts logins while cloud-init is running, and recovers from a reboot during it", async () => {
    const host = await booted(config({ runcmd: ["touch /root/before", "reboot", "sleep 60"] }), { pause: 1 });
    await host.ready();
    const running = JSON.parse(await as(host, "root", "cloud-init status --format json")) as { status: string };
    expect(running.status).toBe("running");
    await host.booted(2);
    expect(await finished(host)).toEqual([0, "status: done"]);
    expect(await as(host, "root", "ls /root; test -e /var/lib/cloud/instance/boot-finished && echo finished")).toBe(
      "before\nfinished",
    );
  }, 60_000);

  it("reports what failed, and delays sshd as configured", async () => {
    const began = performance.now();
    const host = await booted(config({ packages: ["no-such-package"], runcmd: ["false"] }), { sshDelay: 3, pause: 0 });
    expect(await finished(host)).toEqual([1, "status: error"]);
    const status = JSON.parse((await host.sh("cloud-init status --format json")).stdout) as { errors: string[] };
    expect(status.errors).toEqual([
      "('package_update_upgrade_install', RuntimeError('exit code 100'))",
      "('scripts_user', RuntimeError('exit code 1'))",
    ]);
    await host.ready();
    expect(performance.now() - began).toBeGreaterThan(3000);
  }, 60_000);
});

describe("user data", () => {
  it("is refused if the lab's cloud-init does not support it", () => {
    expect(() => parseUserData(config({ swap: { size: 1 } }))).toThrow("swap");
    expect(() => parseUserData("packages: [jq]")).toThrow("#cloud-config");
    expect(parseUserData("#!/bin/bash\necho hi\n").runcmd).toEqual([["/var/lib/cloud/instance/scripts/part-001"]]);
  });
});
