import { dirname } from "node:path";
import { NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import { rangesText } from "../../core/opening.ts";
import { adoptText, isOwn } from "../../core/owner.ts";
import { FAMILIES } from "../../core/range.ts";
import type { Seconds } from "../../core/words.ts";
import { type Host, needsRoot, underRoot } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { CONFIRM_TIMEOUT, changeWithUndo } from "../steps/dead-man-switch.ts";
import { withLeases } from "../steps/lease.ts";
import { BOOT_FILES, bootFiles, UNIT } from "./boot.ts";
import { PLANNED } from "./events.ts";
import type { FirewallInputs, FoundFirewall, ObservedFirewall } from "./inputs.ts";
import { observeFirewall } from "./observe.ts";
import { describeFirewall, planFirewall } from "./plan.ts";
import { restoreText } from "./rules.ts";
import { CLOSE_SCRIPT, UNDO } from "./script.ts";

/** For a new connection under the new rules. */
const LOGIN_TIMEOUT: Seconds = 10;

/** Closes one host as declared. Under the lease, since all stacks share the host's rules. */
export async function convergeFirewall(
  inputs: FirewallInputs,
  before: FirewallInputs | undefined,
  run: Run,
): Promise<FoundFirewall> {
  const host = run.hosts.at(inputs.host);
  return withLeases([host], run, async () => {
    const seen = requireOurs(inputs, await observeFirewall(host));
    const operations = planFirewall(inputs, seen, before);
    PLANNED.publish({ host: host.name, operations });
    for (const operation of operations) {
      run.report.status(describeFirewall(operation, inputs));
      await (operation.do === "close" ? close(inputs, seen, host, run) : keep(inputs, seen, host));
    }
    if (seen.systemd === "absent")
      run.report.warn(`${host.name} has no systemd: a reboot removes the firewall until pulumi up runs again`);
    return observeFirewall(host);
  });
}

/** Throws unless the firewall can be observed, is ours to change, and has an interface to the outside. */
function requireOurs({ host, ...owner }: FirewallInputs, found: FoundFirewall): ObservedFirewall {
  const refused = (what: string, next: string) =>
    new SlipwayError({ code: "FIREWALL_FAILED", what, host: host.name, servesNow: NOTHING_TOUCHED, next });
  switch (found.kind) {
    case "forbidden":
      throw needsRoot(host, "only root may change the firewall", found.reason);
    case "without":
      throw refused("the host has no iptables", `install it, on ${host.name}, as root: apt-get install -y iptables`);
    case "unreachable":
      throw refused(found.reason, "make it reachable, then run pulumi up again");
    case "present":
      if (found.owner !== undefined && !isOwn(found.owner, owner))
        throw refused(
          `the firewall belongs to stack ${found.owner}`,
          `declare slipway:firewall in one stack of this host only, with the ports of the others under allow; or, if this stack takes over what that one had: ${adoptText(found.owner)}`,
        );
      if (found.interfaces.length === 0)
        throw refused("the host has no default route, so its interface to the outside is unknown", "see: ip route");
      return found;
  }
}

/** The host reverts the rules unless a new connection gets in under them. */
function close(inputs: FirewallInputs, seen: ObservedFirewall, host: Host, run: Run): Promise<void> {
  const rules = FAMILIES.map((family) => (seen.families[family] === undefined ? "" : restoreText(inputs, seen, family)));
  return changeWithUndo(host, {
    name: "slipway-firewall",
    undo: UNDO,
    script: CLOSE_SCRIPT,
    args: rules,
    names: { change: "try firewall", confirm: "keep firewall" },
    prove: () => proveLogin(inputs, run),
    failed: {
      change: ({ stderr }) => notLoaded(host, stderr),
      proof: (undone, thrown) => lockedOut(inputs, undone, thrown),
      confirm: ({ stderr }) => tooLate(host, stderr),
    },
  });
}

async function proveLogin({ host }: FirewallInputs, run: Run): Promise<void> {
  const fresh = run.hosts.apart(host);
  try {
    await fresh.connect(LOGIN_TIMEOUT);
    await fresh.run(["true"]);
  } finally {
    await fresh.close();
  }
}

async function keep(inputs: FirewallInputs, seen: ObservedFirewall, host: Host): Promise<void> {
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
    code: "FIREWALL_FAILED",
    what: "the kernel refused the firewall's rules",
    host: host.name,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: OPEN_AS_BEFORE,
    next: `see what iptables can do there, as root: iptables -V; lsmod | grep -E 'conntrack|nf_tables'`,
  });

function lockedOut({ host, ssh }: FirewallInputs, undone: boolean, thrown: unknown): SlipwayError {
  const outcome = undone ? "they were reverted" : `the host will revert them within ${CONFIRM_TIMEOUT} s`;
  return new SlipwayError(
    {
      code: "FIREWALL_FAILED",
      what: `with the new rules a login from here failed, so ${outcome}`,
      host: host.name,
      evidence: [`a second connection: ${reasonOf(thrown, host.name)}`, `SSH would have been open to ${rangesText(ssh)}`],
      servesNow: OPEN_AS_BEFORE,
      next: "add the address range of this machine to slipway:firewall.ssh_from, then run pulumi up again",
    },
    { cause: thrown },
  );
}

const tooLate = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "FIREWALL_FAILED",
    what: `the new rules were not confirmed within ${CONFIRM_TIMEOUT} s, so the host reverted them`,
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: OPEN_AS_BEFORE,
    next: "run pulumi up again",
  });

const notKept = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "FIREWALL_FAILED",
    what: "the firewall is closed now, but will not be loaded at boot",
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: "what is declared, until the next boot",
    next: `see why, on ${host.name}, as root: systemctl status ${UNIT}`,
  });
