import type { z } from "zod";
import { canonical } from "../../core/hash.ts";
import type { Provider, Reading } from "../pulumi/provider.ts";
import { FirewallInputs, FoundFirewall } from "./inputs.ts";
import { describeClosed, describeFirewall, differences, planFirewall } from "./plan.ts";
import { openOf } from "./rules.ts";

const FirewallState = FirewallInputs.extend({ found: FoundFirewall });
export type FirewallState = z.infer<typeof FirewallState>;

export const firewallProvider: Provider<FirewallInputs, FirewallState> = {
  inputs: FirewallInputs,
  state: FirewallState,
  id: ({ host }) => `${host.name}:firewall`,

  plan: (inputs, state) => {
    const { name } = inputs.host;
    if (state === undefined) return { changes: true, text: `${name}   ${describeClosed(inputs)}` };
    if (state.host.address !== inputs.host.address)
      return {
        changes: true,
        replace: { because: ["host"], first: "create" },
        text: `${name} is another machine now   ${describeClosed(inputs)}`,
      };
    const { found } = state;
    if (found.is !== "there") return { changes: true, text: `${name}   ${blind(found)}` };
    const steps = planFirewall(inputs, found, state).map((operation) => describeFirewall(operation, inputs));
    return {
      changes: steps.length > 0 || canonical(state.host) !== canonical(inputs.host) || state.stack !== inputs.stack,
      text: `${name}   ${steps.join(" · ") || "no change on the host"}`,
    };
  },

  converge: async (inputs, state, run) => {
    const { convergeFirewall } = await import("./apply.ts");
    return { ...inputs, found: await convergeFirewall(inputs, state, run) };
  },

  read: async (inputs, { hosts }): Promise<Reading<FirewallInputs, FirewallState>> => {
    const { readFirewall } = await import("./observe.ts");
    const found = await readFirewall(hosts.at(inputs.host));
    const state = { ...inputs, found };
    if (found.is === "there" && planFirewall(inputs, found).length === 0) return { found: "same", state };
    return { found: "drift", state, inputs: { ...inputs, ...whatIs(inputs, found) } as FirewallInputs };
  },

  withdraw: async (inputs, run) => {
    const { withdrawFirewall } = await import("./withdraw.ts");
    await withdrawFirewall(inputs, run);
  },
};

type Blind = Exclude<FoundFirewall, { is: "there" }>;

function blind(found: Blind): string {
  switch (found.is) {
    case "without":
      return "the host has no iptables";
    case "forbidden":
      return `only root may look: ${found.reason}`;
    case "unreachable":
      return `unreachable: ${found.reason}`;
  }
}

/** Under the keys of the inputs. It is shown, never converged, so it need not be what one may write there. */
function whatIs(inputs: FirewallInputs, found: FoundFirewall): Readonly<Record<string, unknown>> {
  if (found.is !== "there") return { status: blind(found) };
  const words = differences(inputs, found);
  return { open: openOf(found), status: words.length === 0 ? "not loaded at boot" : words.join(", ") };
}
