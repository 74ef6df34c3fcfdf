import { dirname } from "node:path";
import { NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import { rangesText } from "../../core/opening.ts";
import { FAMILIES } from "../../core/range.ts";
import type { Seconds } from "../../core/words.ts";
import { type Host, needsRoot, underRoot } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { onTrial, TRIAL } from "../steps/trial.ts";
import { BOOT_FILES, bootFiles, UNIT } from "./boot.ts";
import type { FirewallInputs, FoundFirewall, SeenFirewall } from "./inputs.ts";
import { observeFirewall } from "./observe.ts";
import { describeFirewall, planFirewall } from "./plan.ts";
import { restoreText } from "./rules.ts";
import { PLACE, TRY } from "./script.ts";

/** For a new connection to get in under the new rules. */
const NEW_CONNECTION: Seconds = 10;

/** Closes one host as declared; under the lease, since the rules are the host's. */
export async function convergeFirewall(
  inputs: FirewallInputs,
  before: FirewallInputs | undefined,
  run: Run,
): Promise<FoundFirewall> {
  const host = run.hosts.at(inputs.host);
  return withLeases([host], run, async (held) => {
    const seen = requireRoom(inputs, await observeFirewall(host));
    for (const operation of planFirewall(inputs, seen, before)) {
      held(host.name);
      run.report.status(describeFirewall(operation, inputs));
      await (operation.do === "close" ? close(inputs, seen, host, run) : keep(inputs, seen, host));
    }
    if (seen.systemd === "absent")
      run.report.warn(`${host.name} has no systemd: the firewall is gone after a reboot, until pulumi up runs again`);
    return observeFirewall(host);
  });
}

/** What could be looked at, is ours to change, and says where outside is. */
function requireRoom({ host, stack }: FirewallInputs, found: FoundFirewall): SeenFirewall {
  const refused = (what: string, next: string) => new SlipwayError({ what, host: host.name, servesNow: NOTHING_TOUCHED, next });
  switch (found.kind) {
    case "forbidden":
      throw needsRoot(host, "only root may change the firewall", found.reason);
    case "without":
      throw refused("the host has no iptables", `install it, on ${host.name}, as root: apt-get install -y iptables`);
    case "unreachable":
      throw refused(found.reason, "see that it can be reached, then run pulumi up again");
    case "present":
      if (found.owner !== undefined && found.owner !== stack)
        throw refused(
          `the firewall is that of stack ${found.owner}`,
          `keep slipway:firewall in one stack of this host, with the ports of the others under allow`,
        );
      if (found.interfaces.length === 0)
        throw refused("the host has no default route, so nobody can tell which interface is outside", "see: ip route");
      return found;
  }
}

/** The rules are there on trial until somebody who comes anew gets in. */
function close(inputs: FirewallInputs, seen: SeenFirewall, host: Host, run: Run): Promise<void> {
  const rules = FAMILIES.map((family) => (seen.families[family] === undefined ? "" : restoreText(inputs, seen, family)));
  return onTrial(host, {
    ...{ name: "slipway-firewall", place: PLACE, script: TRY, args: rules },
    says: { tried: "try firewall", kept: "keep firewall" },
    prove: () => comeAnew(inputs, run),
    failed: {
      atOnce: ({ stderr }) => notLoaded(host, stderr),
      proof: (undone, thrown) => lockedOut(inputs, undone, thrown),
      tooLate: ({ stderr }) => tooLate(host, stderr),
    },
  });
}

async function comeAnew({ host }: FirewallInputs, run: Run): Promise<void> {
  const anew = run.hosts.apart(host);
  try {
    await anew.connect(NEW_CONNECTION);
    await anew.run(["true"]);
  } finally {
    await anew.close();
  }
}

async function keep(inputs: FirewallInputs, seen: SeenFirewall, host: Host): Promise<void> {
  const under = underRoot(host.address);
  const root = async (argv: readonly string[]) => {
    const { code, stderr } = await host.run([...under, ...argv]);
    if (code !== 0) throw notKept(host, stderr);
  };
  await host.change("keep firewall at boot", async () => {
    await root(["mkdir", "-p", "-m", "0755", ...new Set(BOOT_FILES.map((file) => dirname(file)))]);
    for (const { path, mode, content } of bootFiles(inputs, seen))
      await host.write(path, content, { mode, owner: "root:root", under });
    await root(["systemctl", "daemon-reload"]);
    await root(["systemctl", "--quiet", "enable", UNIT]);
  });
}

const OPEN_AS_BEFORE = "what served before; the ports are as open as they were";

const notLoaded = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    what: "the kernel did not take the firewall's rules",
    host: host.name,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: OPEN_AS_BEFORE,
    next: `see what iptables can do there, as root: iptables -V; lsmod | grep -E 'conntrack|nf_tables'`,
  });

function lockedOut({ host, ssh }: FirewallInputs, undone: boolean, thrown: unknown): SlipwayError {
  const told = undone ? "they were taken back" : `the host takes them back by itself within ${TRIAL} s`;
  return new SlipwayError(
    {
      what: `with the new rules nobody could log in again from here, so ${told}`,
      host: host.name,
      evidence: [`a second connection: ${reasonOf(thrown, host.name)}`, `SSH would have been open for ${rangesText(ssh)}`],
      servesNow: OPEN_AS_BEFORE,
      next: "put the address range of this machine into slipway:firewall.ssh_from, then run pulumi up again",
    },
    { cause: thrown },
  );
}

const tooLate = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    what: `the new rules were not confirmed within ${TRIAL} s, so the host took them back`,
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: OPEN_AS_BEFORE,
    next: "run pulumi up again",
  });

const notKept = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    what: "the firewall is closed, but would not be loaded at boot",
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: "what is declared, until the next boot",
    next: `see what hinders, on ${host.name}, as root: systemctl status ${UNIT}`,
  });
