/**
 * Who may log in to one host by SSH.
 *
 * Owns `/etc/ssh/sshd_config.d/10-slipway.conf` and what the declared user needs: the account, `/etc/sudoers.d/90-slipway-<user>`, the
 * group `docker`, and the keys of the user who logged in before. Never touches another part of sshd's configuration or another account.
 * Operations: account, then close (taken back by the host unless the new user gets in). Removal undoes nothing and says how to.
 */
import type { z } from "zod";
import { Address } from "../../hosts/index.ts";
import { unreachableText } from "../steps/finding.ts";
import { onHost } from "../steps/on-host.ts";
import { DROP_IN, otherValues } from "./drop-in.ts";
import { FoundHardening, HardeningInputs } from "./inputs.ts";
import { describeHardening, describeUnseen, planHardening } from "./plan.ts";
import { hardened } from "./way-in.ts";

const HardeningState = HardeningInputs.extend({
  found: FoundHardening,
  /** Where and as which user all later resources reach the host. */
  connection: Address,
});
export type HardeningState = z.infer<typeof HardeningState>;

export const hardeningProvider = onHost({
  inputs: HardeningInputs,
  state: HardeningState,
  noun: "hardening",
  read: async (inputs, hosts) => {
    const { readHardening } = await import("./observe.ts");
    return stateOf(inputs, await readHardening(inputs, hosts));
  },
  obstacle,
  plan: planHardening,
  describe: describeHardening,
  describeUnseen,
  isRedeclared: (inputs, state) => state.user !== inputs.user,
  shown: (inputs, found) => ({ status: statusOf(inputs, found) }),
  // Nothing is withdrawn from the old machine, so there is nothing to replace.
  onNewMachine: "update",
  converge: async (inputs, state, run) => {
    const { convergeHardening } = await import("./apply.ts");
    const arrival = state === undefined ? { patience: inputs.patience } : { patience: 0, before: state.connection.user };
    return stateOf(inputs, await convergeHardening(inputs, arrival, run));
  },
  withdraw: async ({ host, user }, { report }) => {
    report.say(
      `${host.name} stays hardened: ${user} logs in by key, root does not. Set slipway:ssh.user to ${user}; to undo it, on the host: rm ${DROP_IN}`,
    );
  },
});

const stateOf = (inputs: HardeningInputs, found: FoundHardening): HardeningState => ({
  ...inputs,
  found,
  connection: hardened(inputs),
});

function obstacle(found: FoundHardening): string | undefined {
  switch (found.kind) {
    case "present":
      return undefined;
    case "forbidden":
      return `${found.as} has no sudo: ${found.reason}`;
    case "unreachable":
      return unreachableText(found);
  }
}

function statusOf({ user }: HardeningInputs, found: FoundHardening): string | undefined {
  if (found.kind !== "present") return obstacle(found);
  const words = otherValues(found.sshd);
  if (found.as !== user) words.push(`${user} cannot log in`);
  if (!found.sudo) words.push(`${user} has no sudo`);
  if (found.docker === false) words.push(`${user} may not use Docker`);
  return words.length === 0 ? "our file in sshd_config.d was changed" : words.join(", ");
}
