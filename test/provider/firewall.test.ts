import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import type { FirewallInputs } from "../../providers/firewall/inputs.ts";
import { firewallProvider } from "../../providers/firewall/provider.ts";
import { isOpen, openPorts, watchPorts } from "../support/doors.ts";
import { aFirewall, closedBy as converged, publishingHost } from "../support/firewall.ts";
import { hostOf } from "../support/hosts.ts";
import { addressOf, ProviderRun } from "../support/provider-run.ts";

const ELSEWHERE = ["198.51.100.0/24"];

let lab: Lab;
let host: LabHost;

const firewall = (changes: Partial<FirewallInputs> = {}): FirewallInputs => aFirewall(host, changes);

/** The rules of the host that are not ours. Docker has no chain of its own for IPv6 here: ours is there as long as we are. */
const foreign = async () =>
  (await host.must("iptables -S; ip6tables -S; iptables -t nat -S")).split("\n").filter((line) => !NOT_FOREIGN.test(line));
const NOT_FOREIGN = /SLIPWAY|slipway:|^-N DOCKER-USER$/;

beforeAll(async () => {
  ({ lab, host } = await publishingHost());
});

afterAll(async () => {
  await using run = new ProviderRun(lab);
  await firewallProvider.withdraw(firewall(), run);
  await host.reset();
});

describe("the firewall of a host", () => {
  beforeEach(async () => {
    await using run = new ProviderRun(lab);
    await firewallProvider.withdraw(firewall(), run);
  });

  it("closes what a container published and opens it again when it goes; SSH and 80 answer all the time", async () => {
    await using run = new ProviderRun(lab);
    const rules = await foreign();
    expect(await isOpen(host.address, 5432)).toBe(true);
    const watch = watchPorts(host.address, [22, 80]);
    await converged(firewall(), run);
    expect(await isOpen(host.address, 5432)).toBe(false);
    expect(await foreign()).toEqual(rules);
    await firewallProvider.withdraw(firewall(), run);
    expect(await isOpen(host.address, 5432)).toBe(true);
    expect(await watch.end()).toEqual([]);
    expect(await foreign()).toEqual(rules);
    expect(await host.must("iptables -S; ip6tables -S")).not.toContain("SLIPWAY");
  });

  it("leaves 22, 80 and 443 of all 65,535 ports", { tags: "long" }, async () => {
    await using run = new ProviderRun(lab);
    await host.takePort(6379);
    try {
      await converged(firewall(), run);
      expect(await openPorts(host.address)).toEqual([22, 80, 443]);
    } finally {
      await host.freePort(6379);
    }
  });

  it("lets in who is declared, and lets containers reach each other, the host and the outside", async () => {
    await using run = new ProviderRun(lab);
    const gateway = host.address.replace(/\.\d+$/, ".1");
    await converged(firewall({ open: ["80/tcp", `5432/tcp from ${gateway}/32`] }), run);
    expect(await isOpen(host.address, 5432)).toBe(true);
    await converged(firewall({ open: ["80/tcp", "5432/tcp from 198.51.100.0/24"] }), run);
    expect(await isOpen(host.address, 5432)).toBe(false);
    const [web, db] = await Promise.all(["web", "db"].map((name) => host.docker.getContainer(name).inspect()));
    const [registry, registryPort] = lab.registry.server.split(":");
    const inside = (address: string | undefined, port: number | string) =>
      host.must(`timeout 5 nsenter --target ${db?.State.Pid} --net bash -c '</dev/tcp/${address}/${port}'`);
    await inside(web?.NetworkSettings.Networks.bridge?.IPAddress, 3000);
    await inside(host.address, 5432);
    await inside(registry, registryPort ?? "");
  });

  it("makes no change on a host that is as declared, in one call", async () => {
    await using run = new ProviderRun(lab);
    const state = await converged(firewall(), run);
    const [calls, changes] = [run.trace.length, run.changes.length];
    const reading = await firewallProvider.read(firewall(), run, state);
    expect(reading.found).toBe("same");
    expect(run.trace.slice(calls)).toHaveLength(1);
    expect(firewallProvider.plan(firewall(), state).changes).toBe(false);
    await converged(firewall(), run, state);
    expect(run.changes.slice(changes)).toEqual([]);
  });

  it("finds a rule that was removed by hand, and restores it", async () => {
    await using run = new ProviderRun(lab);
    const inputs = firewall({ open: ["80/tcp", "5432/tcp"] });
    const state = await converged(inputs, run);
    await host.must("iptables -D SLIPWAY-FORWARD -p tcp -m conntrack --ctorigdstport 5432 -j RETURN");
    expect(await isOpen(host.address, 5432)).toBe(false);
    const reading = await firewallProvider.read(inputs, run, state);
    if (reading.found !== "drift") throw new Error(`found ${reading.found}`);
    expect(reading.inputs.status).toBe("rule for port 5432 missing");
    expect(firewallProvider.plan(inputs, reading.state).text).toBe(`${host.name}   rule for port 5432 missing (drift)`);
    await converged(inputs, run, reading.state);
    expect(await isOpen(host.address, 5432)).toBe(true);
  });

  it("finds that all of it is gone, as after a reboot of a host without systemd", async () => {
    await using run = new ProviderRun(lab);
    const state = await converged(firewall(), run);
    expect(run.warned).toEqual([`${host.name} has no systemd: a reboot removes the firewall until pulumi up runs again`]);
    await host.must(`for table in iptables ip6tables; do
      for chain in INPUT DOCKER-USER SLIPWAY-INPUT SLIPWAY-FORWARD; do $table -F $chain; done
      for chain in SLIPWAY-INPUT SLIPWAY-FORWARD; do $table -X $chain; done
    done`);
    expect(await isOpen(host.address, 5432)).toBe(true);
    const reading = await firewallProvider.read(firewall(), run, state);
    if (reading.found !== "drift") throw new Error(`found ${reading.found}`);
    expect(firewallProvider.plan(firewall(), reading.state).text).toContain("firewall found missing (drift)");
    await converged(firewall(), run, reading.state);
    expect(await isOpen(host.address, 5432)).toBe(false);
  });

  it("finds that packets to containers no longer pass it, and leads them through it again", async () => {
    await using run = new ProviderRun(lab);
    const state = await converged(firewall(), run);
    const jumps = 'sed -n "/^-A FORWARD .*-j DOCKER-USER$/s/^-A/-D/p"';
    await host.must(
      `for table in iptables ip6tables; do $table -S | ${jumps} | while read -r rule; do eval "$table $rule"; done; done`,
    );
    expect(await isOpen(host.address, 5432)).toBe(true);
    const reading = await firewallProvider.read(firewall(), run, state);
    if (reading.found !== "drift") throw new Error(`found ${reading.found}`);
    expect(reading.inputs.status).toBe("FORWARD does not lead to DOCKER-USER, so it does not cover ports of containers");
    await converged(firewall(), run, reading.state);
    expect(await isOpen(host.address, 5432)).toBe(false);
    for (const table of ["iptables", "ip6tables"]) expect(await host.must(`${table} -S FORWARD`)).toContain("-j DOCKER-USER");
  });

  it("keeps containers from the metadata of a server that has its host key there", async () => {
    await using run = new ProviderRun(lab);
    const metadata = "169.254.169.254";
    const db = await host.docker.getContainer("db").inspect();
    const inputs = firewall({ metadata: "closed" });
    await converged(inputs, run);
    expect((await firewallProvider.read(inputs, run, undefined)).found).toBe("same");
    await host.sh(`timeout 2 nsenter --target ${db.State.Pid} --net bash -c '</dev/tcp/${metadata}/80'`);
    const dropped = await host.must(`iptables -vnxL DOCKER-USER | grep ${metadata}`);
    expect(Number(dropped.trim().split(/\s+/)[0])).toBeGreaterThan(0);
    await firewallProvider.withdraw(firewall(), run);
    expect(await host.must("iptables -S")).not.toContain(metadata);
  });

  it("outlives a restart of Docker", async () => {
    await using run = new ProviderRun(lab);
    const state = await converged(firewall(), run);
    await host.stopDocker();
    await host.startDocker();
    await Promise.all(["web", "db"].map((name) => host.docker.getContainer(name).start().catch(alreadyRuns)));
    await Deadline.in(10).until(
      async () => (await isOpen(host.address, 80)) || undefined,
      () => new Error("port 80 does not answer again"),
    );
    expect(await isOpen(host.address, 5432)).toBe(false);
    expect((await firewallProvider.read(firewall(), run, state)).found).toBe("same");
  });

  it("takes back what would lock us out, and says so", async () => {
    await using run = new ProviderRun(lab);
    const state = await converged(firewall({ open: ["80/tcp", "5432/tcp"] }), run);
    const rules = await host.must("iptables -S");
    await expect(converged(firewall({ ssh: ELSEWHERE }), run, state)).rejects.toThrow(
      /with the new rules a login from here failed, so they were reverted[\s\S]*slipway:firewall\.ssh_from/,
    );
    expect(await host.must("iptables -S")).toBe(rules);
    expect(await isOpen(host.address, 5432)).toBe(true);
    expect(await isOpen(host.address, 22)).toBe(true);
  });

  it("takes it back on the host alone when the run dies with the line", { tags: "long" }, async () => {
    await using run = new ProviderRun(lab);
    run.around = async (change, work) => {
      const result = await work();
      if (change.what === "try firewall") await host.dropSessions();
      return result;
    };
    await expect(converged(firewall({ ssh: ELSEWHERE }), run)).rejects.toThrow(/the host will revert them within 20 s/);
    const opens = async () => ((await isOpen(host.address, 22)) ? true : undefined);
    await Deadline.in(30).until(opens, () => new Error("SSH stays closed"));
    expect(await host.must("iptables -S; ip6tables -S")).not.toContain("SLIPWAY");
    // the same run once more, with rules that let us in
    run.around = (_change, work) => work();
    await converged(firewall(), run).catch((thrown: unknown) => {
      if (!(thrown instanceof ConnectionLost)) throw thrown;
      return converged(firewall(), run);
    });
    expect(await isOpen(host.address, 5432)).toBe(false);
  });

  it("is not taken for done when the run died before it confirmed the rules, which the host takes back", async () => {
    await using run = new ProviderRun(lab);
    run.around = async (change, work) => {
      if (change.what === "keep firewall") throw new Error("killed");
      return work();
    };
    await expect(converged(firewall(), run)).rejects.toThrow("killed");
    expect(await isOpen(host.address, 5432)).toBe(false);
    run.around = (_change, work) => work();
    const reading = await firewallProvider.read(firewall(), run, undefined);
    expect(reading).toMatchObject({ found: "drift", inputs: { status: expect.stringContaining("did not confirm") } });
    await converged(firewall(), run);
    expect(await host.must("ls /run/slipway-firewall")).not.toContain("armed.");
    expect(await isOpen(host.address, 5432)).toBe(false);
  });

  it("is one stack's: another one is refused, and does not take it away", async () => {
    await using run = new ProviderRun(lab);
    await converged(firewall(), run);
    await expect(converged(firewall({ stack: "slipway/staging" }), run)).rejects.toThrow(
      "the firewall belongs to stack slipway/lab",
    );
    await firewallProvider.withdraw(firewall({ stack: "slipway/staging" }), run);
    expect(run.said).toEqual([`${host.name}: the firewall stays: it belongs to stack slipway/lab`]);
    expect(await isOpen(host.address, 5432)).toBe(false);
  });

  it("needs root, and says which commands an administrator runs", async () => {
    await using run = new ProviderRun(lab);
    const inputs = firewall({ host: addressOf(host, host.users.docker) });
    await expect(converged(inputs, run)).rejects.toThrow(
      /deploy is not root and has no sudo without a password[\s\S]*sudoers\.d/,
    );
    expect(run.changes).toEqual([]);
    expect(await firewallProvider.read(inputs, run, undefined)).toMatchObject({
      found: "drift",
      inputs: { status: expect.stringContaining("only root may read the rules") },
    });
  });
});

describe("the firewall of a host with systemd", () => {
  let bare: Lab;
  let server: LabHost;

  beforeAll(async () => {
    bare = await startLab({ hosts: [hostFor("fwboot")], bare: true });
    server = hostOf(bare);
    await server.reset();
    // What systemd does at boot with a service that is enabled and of this type; no systemd runs on hosts of the lab.
    const start = `for unit in /etc/systemd/system/multi-user.target.wants/*.service; do
      grep -qx Type=oneshot "$unit" && $(sed -n 's/^ExecStart=//p' "$unit"); done`;
    await server.must(`sed -i "/^fault()/r /dev/stdin" /usr/local/sbin/boot <<'END'\n${start}\nEND`);
  });

  it("is there again after a reboot, before anybody can come in, and goes with its unit", async () => {
    await using run = new ProviderRun(bare);
    const inputs = firewall({ host: addressOf(server, "deploy"), open: ["80/tcp", "5432/tcp from 198.51.100.0/24"] });
    await server.takePort(5432);
    expect(await isOpen(server.address, 5432)).toBe(true);
    const state = await converged(inputs, run);
    expect(run.warned).toEqual([]);
    expect(await isOpen(server.address, 5432)).toBe(false);
    expect(await server.must("stat -c '%a %U %n' /etc/slipway/*")).toBe(
      ["4", "6", "sh"].map((end) => `600 root /etc/slipway/firewall.${end}\n`).join(""),
    );
    const rules = await server.must("iptables -S; ip6tables -S");

    await server.restart();
    await server.takePort(5432);
    expect(await isOpen(server.address, 5432)).toBe(false);
    expect(await server.must("iptables -S; ip6tables -S")).toBe(rules);
    expect((await firewallProvider.read(inputs, run, state)).found).toBe("same");

    await server.must("rm /etc/slipway/firewall.4");
    const reading = await firewallProvider.read(inputs, run, state);
    expect(reading).toMatchObject({ found: "drift", inputs: { status: "not loaded at boot" } });
    await firewallProvider.withdraw(inputs, run);
    expect(await isOpen(server.address, 5432)).toBe(true);
    expect(await server.must("iptables -S; ip6tables -S; ls /etc/slipway /etc/systemd/system 2>&1 || true")).not.toMatch(
      /SLIPWAY|slipway-|DOCKER/,
    );
  });
});

function alreadyRuns(thrown: unknown): void {
  if ((thrown as { statusCode?: number }).statusCode !== 304) throw thrown;
}
