import { SlipwayError } from "../../core/error.ts";
import { isOwn } from "../../core/owner.ts";
import { asRoot, needsRoot, wasRefusedRoot } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withdrawFromServer } from "../steps/withdraw.ts";
import { BOOT_FILES } from "./boot.ts";
import type { FirewallInputs } from "./inputs.ts";
import { observeFirewall } from "./observe.ts";
import { WITHDRAW_SCRIPT } from "./script.ts";

/** Removes our chains and their unit; all other rules stay. */
export async function withdrawFirewall({ host: address, ...owner }: FirewallInputs, run: Run): Promise<void> {
  await withdrawFromServer({ host: address, what: "the firewall" }, run, async (host) => {
    const found = await observeFirewall(host);
    if (found.kind === "present" && found.owner !== undefined && !isOwn(found.owner, owner))
      return run.report.say(`${host.name}: the firewall stays: it belongs to stack ${found.owner}`);
    const removal = asRoot(address, ["sh", "-c", WITHDRAW_SCRIPT, "slipway-firewall", ...BOOT_FILES]);
    const ran = await host.change("remove firewall", () => host.run(removal));
    if (wasRefusedRoot(ran)) throw needsRoot(address, "only root may remove the firewall", ran.stderr);
    if (ran.code !== 0) throw notRemoved(host.name, ran.stderr);
  });
}

const notRemoved = (host: string, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "FIREWALL_FAILED",
    what: "the firewall could not be removed",
    host,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: "what is declared",
    next: `see what is left, on ${host}, as root: iptables -S | grep SLIPWAY`,
  });
