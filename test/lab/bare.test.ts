// Of the lab itself.
// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { Operator } from "../../lab/reach.ts";

const INSTALL = "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y -q";
let lab: Lab;
let there: LabHost;
let operator: Operator;

beforeAll(async () => {
  lab = await startLab({ hosts: [hostFor("bare")], bare: true });
  there = lab.host(hostFor("bare"));
  operator = new Operator(lab);
  await there.reset();
}, 600_000);

afterAll(() => operator.close());

/** Runs a shell command as one of the host's users, over SSH. */
const as = (user: string, script: string) =>
  operator.reach(there, { user }).run(["sh", "-c", script], { deadline: Deadline.in(60) });
const stateOf = async (unit: string): Promise<string[]> =>
  (await there.sh(`systemctl is-active ${unit}; echo $?; systemctl is-enabled ${unit}; echo $?`)).stdout.trim().split("\n");

describe("a new bare host", () => {
  it("has the SSH host key that the lab reports, and accepts each of its users", async () => {
    for (const user of Object.values(there.users)) expect((await as(user, "id -un")).stdout.trim()).toBe(user);
  });

  it("has no Docker, and reports that as systemd does", async () => {
    expect(await there.sh("command -v docker dockerd containerd runc; getent group docker; ls /var/lib/docker")).toMatchObject({
      stdout: "",
    });
    expect(await stateOf("docker")).toEqual(["inactive", "4", "not-found", "4"]);
    const { code, stderr } = await there.sh("systemctl start docker");
    expect([code, stderr.trim()]).toEqual([5, "Failed to start docker.service: Unit docker.service not found."]);
  });

  it("grants sudo to deploy and not to nodocker", async () => {
    expect(await as("deploy", "sudo -n id -u")).toMatchObject({ code: 0, stdout: "0\n" });
    expect(await as("nodocker", "sudo -n id -u")).toMatchObject({ code: 1 });
    await there.askSudoPassword();
    expect(await as("deploy", "sudo -n id -u")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("password is required"),
    });
    await there.freeSudo();
    expect(await as("deploy", "sudo -n id -u")).toMatchObject({ code: 0 });
  });

  it("accepts no key for a while, and then accepts keys again", async () => {
    await there.delayKeys(1);
    await expect(as("root", "true")).rejects.toThrow("did not accept the login as root");
    const again = () =>
      as("root", "echo in").then(
        ({ stdout }) => stdout.trim() || undefined,
        () => undefined,
      );
    await expect(Deadline.in(5).until(again, () => new Error("still refused"))).resolves.toBe("in");
  });

  it.each(["packages", "lists"] as const)("blocks apt from its %s while a lock is held", async (lock) => {
    await there.holdAptLock(1, lock);
    const ask = lock === "packages" ? "apt-get install -y -q gpg" : "apt-get update -q";
    const refused = await there.sh(ask);
    expect(refused).toMatchObject({ code: 100, stderr: expect.stringContaining("Could not get lock") });
    expect(refused.stderr).toContain("unattended-upgr");
    const free = async () => ((await there.sh(ask)).code === 0 ? true : undefined);
    await Deadline.in(10).until(free, () => new Error("the lock stays"));
  });
});

describe("Docker on a bare host", () => {
  it("can be installed from Debian's archive with sudo, runs, and is running after a reboot", async () => {
    const { code, stderr } = await as("deploy", `sudo -n apt-get update -q && ${INSTALL} docker.io`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await stateOf("docker")).toEqual(["active", "0", "enabled", "0"]);
    const { ref } = await lab.image("shop", "v1");
    const { server, username, password } = lab.registry;
    await there.must(`echo ${password} | docker login -u ${username} --password-stdin ${server} 2>/dev/null`);
    await there.must(`docker run -d --restart always --name app -p 8080:3000 ${ref}`);
    await there.delaySsh(1);
    await there.restart();
    expect((await there.docker.getContainer("app").inspect()).State.Running).toBe(true);
  }, 60_000);

  it("is stopped, disabled, masked and refused by systemctl as by systemd", async () => {
    await there.must("systemctl disable --now docker docker.socket 2>/dev/null");
    expect(await stateOf("docker")).toEqual(["inactive", "3", "disabled", "1"]);
    await there.must("echo nonsense >/etc/docker/daemon.json");
    const { code, stderr } = await there.sh("systemctl enable --now docker");
    expect([code, stderr]).toEqual([1, expect.stringContaining("Job for docker.service failed")]);
    expect((await there.sh("systemctl is-active docker; journalctl -u docker -n 1")).stdout).toMatch(/^failed\n.*daemon\.json/);
    await there.must("echo '{}' >/etc/docker/daemon.json; systemctl start docker");
    expect(await stateOf("docker")).toEqual(["active", "0", "enabled", "0"]);
    expect((await there.sh("systemctl show docker -p ActiveState,SubState; systemctl show --value -p LoadState x")).stdout).toBe(
      "ActiveState=active\nSubState=running\nnot-found\n",
    );
  });

  it("can be installed from the fake Docker archive in a given version, then the next, signed by its own key", async () => {
    await there.reset();
    const { docker, dockerFingerprint, dockerVersions } = lab.archive;
    const [older, newer] = dockerVersions;
    const key = "/usr/share/keyrings/docker.asc";
    const answer = await fetch(`${docker}/gpg`);
    await operator.reach(there, { user: "root" }).write(key, await answer.text(), { mode: 0o644 });
    expect(await there.must(`gpg --show-keys --with-colons ${key}`)).toContain(`:${dockerFingerprint}:`);
    const use = (keyring: string) =>
      there.sh(
        `echo "deb [signed-by=${keyring}] ${docker} trixie stable" >/etc/apt/sources.list.d/docker.list; apt-get update -q`,
      );
    expect((await use("/usr/share/keyrings/slipway-lab-archive.asc")).stdout).toContain("Missing key");
    expect(await use(key)).toMatchObject({ code: 0 });
    for (const version of [older, newer]) {
      const exact = `5:${version}-1~debian.13~trixie`;
      await there.must(`apt-get install -y -q docker-ce=${exact} docker-ce-cli=${exact} containerd.io`);
      await there.ready();
      expect((await there.docker.version()).Version.split("+")[0]).toBe(version);
    }
  }, 60_000);

  it("is removed by a reset, which changes neither address nor host key", async () => {
    const before = operator.addressOf(there);
    await there.reset();
    expect(await there.sh("command -v dockerd; ls /var/lib/docker")).toMatchObject({ stdout: "" });
    expect(operator.addressOf(there)).toEqual(before);
    expect((await as("deploy", "id -un")).stdout.trim()).toBe("deploy");
  });
});
