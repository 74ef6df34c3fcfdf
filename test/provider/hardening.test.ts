import ssh2 from "ssh2";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { HardeningInputs } from "../../providers/hardening/inputs.ts";
import { hardeningProvider } from "../../providers/hardening/provider.ts";
import { hostOf } from "../support/hosts.ts";
import { addressOf, ProviderRun } from "../support/provider-run.ts";

const DROP_IN = "/etc/ssh/sshd_config.d/10-slipway.conf";
const PASSWORD = "only-in-this-test";

let lab: Lab;
let host: LabHost;

beforeAll(async () => {
  lab = await startLab({ hosts: [hostFor("harden")], bare: true });
  host = hostOf(lab);
});
beforeEach(() => host.reset());

const hardening = (user = "root", changes: Partial<HardeningInputs> = {}): HardeningInputs =>
  HardeningInputs.parse({
    schema: 1,
    host: addressOf(host, user),
    user: "ship",
    patience: 0,
    status: "key only, no root login",
    ...changes,
  });

/** Whether that user gets in with the lab's key. */
async function logsIn(user: string): Promise<boolean> {
  await using run = new ProviderRun(lab);
  return run.hosts
    .at(addressOf(host, user))
    .connect()
    .then(
      () => true,
      () => false,
    );
}

/** Whether that user gets in with a password. */
function logsInByPassword(username: string): Promise<boolean> {
  const client = new ssh2.Client();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  client.once("ready", () => resolve(true)).once("error", () => resolve(false));
  client.connect({ host: host.address, username, password: PASSWORD, authHandler: ["password"], readyTimeout: 10_000 });
  return promise.finally(() => client.destroy());
}

const dropIn = () => host.must(`cat ${DROP_IN} 2>/dev/null || echo none`);

describe("a hardened host", () => {
  it("lets the new user in by key, with sudo; root and passwords are refused", async () => {
    await using run = new ProviderRun(lab);
    await host.must(`echo 'deploy:${PASSWORD}' | chpasswd`);
    expect(await logsInByPassword("deploy")).toBe(true);
    const state = await hardeningProvider.converge(hardening(), undefined, run);
    expect(state.connection).toEqual(addressOf(host, "ship"));
    expect(await logsInByPassword("deploy")).toBe(false);
    expect(await logsIn("root")).toBe(false);
    expect(await logsIn("ship")).toBe(true);
    const { stdout } = await run.hosts.at(state.connection).run(["sudo", "-n", "id", "-un"]);
    expect(stdout.trim()).toBe("root");
    expect(
      await host.must("stat -c '%a %U' /home/ship/.ssh /home/ship/.ssh/authorized_keys /etc/sudoers.d/90-slipway-ship"),
    ).toBe("700 ship\n600 ship\n440 root\n");
  });

  it("is left alone when nothing changed; stays as it is when the resource goes", async () => {
    await using run = new ProviderRun(lab);
    const state = await hardeningProvider.converge(hardening(), undefined, run);
    const changes = run.changes.length;
    expect((await hardeningProvider.read(hardening(), run, state)).found).toBe("same");
    expect(hardeningProvider.plan(hardening(), state).changes).toBe(false);
    await hardeningProvider.converge(hardening(), state, run);
    await hardeningProvider.withdraw(hardening(), run);
    expect(run.changes.slice(changes)).toEqual([]);
    expect(run.said.at(-1)).toContain(`${host.name} stays hardened`);
    expect(await logsIn("root")).toBe(false);
  });

  it("shows what was changed by hand in sshd's files, and repairs it", async () => {
    await using run = new ProviderRun(lab);
    const state = await hardeningProvider.converge(hardening(), undefined, run);
    await host.must(`echo 'PermitRootLogin yes' >${DROP_IN}; systemctl reload ssh`);
    await host.ready();
    const reading = await hardeningProvider.read(hardening(), run, state);
    expect(reading).toMatchObject({ found: "drift", inputs: { status: expect.stringContaining("PermitRootLogin yes") } });
    await hardeningProvider.converge(hardening(), state, run);
    expect(await logsIn("root")).toBe(false);
  });

  it("may have been reached by another user with sudo before", async () => {
    await using run = new ProviderRun(lab);
    await hardeningProvider.converge(hardening("deploy"), undefined, run);
    expect(await Promise.all([logsIn("ship"), logsIn("root"), logsIn("deploy")])).toEqual([true, false, true]);
  });

  it("gets another user by way of the one who logs in now", async () => {
    await using run = new ProviderRun(lab);
    const state = await hardeningProvider.converge(hardening(), undefined, run);
    const { connection } = await hardeningProvider.converge(hardening("root", { user: "deck" }), state, run);
    expect(connection.user).toBe("deck");
    expect(await Promise.all([logsIn("deck"), logsIn("root")])).toEqual([true, false]);
  });

  it("needs no systemd: sshd is reloaded by a signal", async () => {
    await using run = new ProviderRun(lab);
    await host.must("rmdir /run/systemd/system");
    await hardeningProvider.converge(hardening(), undefined, run);
    expect(await Promise.all([logsIn("ship"), logsIn("root")])).toEqual([true, false]);
  });
});

describe("a host whose new user cannot log in", () => {
  it("is not touched when that is so from the start", async () => {
    await using run = new ProviderRun(lab);
    await host.must("echo 'DenyUsers ship' >/etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh");
    await host.ready();
    await expect(hardeningProvider.converge(hardening(), undefined, run)).rejects.toThrow(
      /ship cannot log in with the keys of root, so sshd was not changed/,
    );
    expect(await dropIn()).toBe("none\n");
    expect(await logsIn("root")).toBe(true);
  });

  it("takes the hardening back when that is so only with the new configuration", async () => {
    await using run = new ProviderRun(lab);
    // sshd has not read it yet, and will when it is reloaded for our file
    await host.must("echo 'DenyUsers ship' >/etc/ssh/sshd_config.d/00-test.conf");
    await expect(hardeningProvider.converge(hardening(), undefined, run)).rejects.toThrow(
      /ship cannot log in with the keys of root, so the hardening of sshd was reverted/,
    );
    expect(await dropIn()).toBe("none\n");
    expect(await logsIn("root")).toBe(true);
  });

  it("takes it back by itself when the run dies with the line", { tags: "long" }, async () => {
    await using run = new ProviderRun(lab);
    await host.must("echo 'DenyUsers ship' >/etc/ssh/sshd_config.d/00-test.conf");
    run.around = async (change, work) => {
      const result = await work();
      if (change.what === "harden sshd") await host.dropSessions();
      return result;
    };
    await expect(hardeningProvider.converge(hardening(), undefined, run)).rejects.toThrow(
      /will be reverted by the host within 20 s/,
    );
    expect(await logsIn("root")).toBe(false);
    const back = async () => ((await logsIn("root")) ? true : undefined);
    await Deadline.in(30).until(back, () => new Error("root stays out"));
    expect(await dropIn()).toBe("none\n");
  });

  it("is refused where sshd reads no files of sshd_config.d", async () => {
    await using run = new ProviderRun(lab);
    await host.must("sed -i /^Include/d /etc/ssh/sshd_config");
    await expect(hardeningProvider.converge(hardening(), undefined, run)).rejects.toThrow(
      /does not read sshd_config\.d[\s\S]*Include \/etc\/ssh\/sshd_config\.d/,
    );
    expect(await dropIn()).toBe("none\n");
    expect(await logsIn("root")).toBe(true);
  });
});
