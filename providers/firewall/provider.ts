/**
 * The firewall of one host.
 *
 * Owns the iptables chains `SLIPWAY-INPUT` and `SLIPWAY-FORWARD`, the rules that lead into them, the files in `/etc/slipway` and the unit
 * `slipway-firewall.service`. Never touches the rules of others, and never opens what they keep closed.
 * Operations: close (all rules at once, taken back by the host unless a new connection gets in) and keep (load them at boot). Removal
 * takes exactly these away.
 */
import type { z } from "zod";
import type { Shown } from "../pulumi/provider.ts";
import { unreachableText } from "../steps/finding.ts";
import { onHost } from "../steps/on-host.ts";
import { FirewallInputs, FirewallRemains, FoundFirewall } from "./inputs.ts";
import { describeClosed, describeFirewall, differences, planFirewall } from "./plan.ts";
import { openOf } from "./rules.ts";

const FirewallState = FirewallInputs.extend({ found: FoundFirewall });
export type FirewallState = z.infer<typeof FirewallState>;

export const firewallProvider = onHost({
  inputs: FirewallInputs,
  state: FirewallState,
  remains: FirewallRemains,
  noun: "firewall",
  read: async (inputs, hosts) => {
    const { readFirewall } = await import("./observe.ts");
    return { ...inputs, found: await readFirewall(hosts.at(inputs.host)) };
  },
  obstacle,
  plan: planFirewall,
  describe: describeFirewall,
  describeUnseen: describeClosed,
  isRedeclared: (inputs, state) => state.stack !== inputs.stack,
  shown,
  onNewMachine: "replace",
  converge: async (inputs, state, run) => {
    const { convergeFirewall } = await import("./apply.ts");
    return { ...inputs, found: await convergeFirewall(inputs, state, run) };
  },
  withdraw: async (inputs, run) => {
    const { withdrawFirewall } = await import("./withdraw.ts");
    await withdrawFirewall(inputs, run);
  },
});

function obstacle(found: FoundFirewall): string | undefined {
  switch (found.kind) {
    case "present":
      return undefined;
    case "without":
      return "the host has no iptables";
    case "forbidden":
      return `only root may read the rules: ${found.reason}`;
    case "unreachable":
      return unreachableText(found);
  }
}

function shown(inputs: FirewallInputs, found: FoundFirewall): Shown {
  if (found.kind !== "present") return { status: obstacle(found) };
  const words = differences(inputs, found);
  return { open: openOf(found), status: words.length === 0 ? "not loaded at boot" : words.join(", ") };
}
