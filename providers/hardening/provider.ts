import type { z } from "zod";
import { canonical } from "../../core/hash.ts";
import { Address } from "../../hosts/index.ts";
import type { Provider, Reading } from "../pulumi/provider.ts";
import { DROP_IN, otherValues } from "./drop-in.ts";
import { FoundHardening, HardeningInputs } from "./inputs.ts";
import { describeHardening, describeUnseen, planHardening } from "./plan.ts";

const HardeningState = HardeningInputs.extend({
  found: FoundHardening,
  /** Where and as whom all others reach the host. */
  connection: Address,
});
export type HardeningState = z.infer<typeof HardeningState>;

export const hardeningProvider: Provider<HardeningInputs, HardeningState> = {
  inputs: HardeningInputs,
  state: HardeningState,
  id: ({ host }) => `${host.name}:hardening`,

  plan: (inputs, state) => {
    const { name } = inputs.host;
    // Nothing of it is taken back, so another machine needs no replacement: it is hardened as well.
    if (state === undefined || state.host.address !== inputs.host.address)
      return { changes: true, text: `${name}   ${describeUnseen(inputs)}` };
    if (state.found.is !== "there") return { changes: true, text: `${name}   ${blind(state.found)}` };
    const steps = planHardening(inputs, state.found).map((operation) => describeHardening(operation, inputs));
    return {
      changes: steps.length > 0 || state.user !== inputs.user || canonical(state.host) !== canonical(inputs.host),
      text: `${name}   ${steps.join(" · ") || "no change on the host"}`,
    };
  },

  converge: async (inputs, state, run) => {
    const { convergeHardening } = await import("./apply.ts");
    const isNew = state === undefined || state.host.address !== inputs.host.address;
    const arrival = isNew ? { patience: inputs.patience } : { patience: 0, before: state.connection.user };
    const found = await convergeHardening(inputs, arrival, run);
    return { ...inputs, found, connection: { ...inputs.host, user: inputs.user } };
  },

  read: async (inputs, { hosts }): Promise<Reading<HardeningInputs, HardeningState>> => {
    const { readHardening } = await import("./observe.ts");
    const found = await readHardening(inputs, hosts);
    const state = { ...inputs, found, connection: { ...inputs.host, user: inputs.user } };
    if (found.is === "there" && planHardening(inputs, found).length === 0) return { found: "same", state };
    return { found: "drift", state, inputs: { ...inputs, status: statusOf(inputs, found) } as unknown as HardeningInputs };
  },

  withdraw: async ({ host, user }, { report }) => {
    report.say(
      `${host.name} stays hardened: ${user} logs in by key, root does not. Set slipway:ssh.user to ${user}; to undo it, on the host: rm ${DROP_IN}`,
    );
  },
};

type Blind = Exclude<FoundHardening, { is: "there" }>;

const blind = (found: Blind): string =>
  found.is === "forbidden" ? `${found.as} has no sudo: ${found.reason}` : `unreachable: ${found.reason}`;

/** Shown as drift, never converged. */
function statusOf({ user }: HardeningInputs, found: FoundHardening): string {
  if (found.is !== "there") return blind(found);
  const words = otherValues(found.sshd);
  if (found.as !== user) words.push(`${user} cannot log in`);
  if (!found.sudo) words.push(`${user} has no sudo`);
  if (found.docker === false) words.push(`${user} may not use Docker`);
  return words.length === 0 ? "our file in sshd_config.d is another one" : words.join(", ");
}
