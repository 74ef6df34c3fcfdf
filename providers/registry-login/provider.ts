/**
 * A registry login, verified from one host.
 *
 * Owns nothing on the host: each pull sends the credentials again, so the host never stores them, and there is nothing to read back or to
 * remove. It runs before anything else changes on the host.
 */
import { z } from "zod";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { Registry } from "../../core/registry.ts";
import { Address, isSameMachine } from "../../hosts/index.ts";
import type { Provider } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import { throughLosses } from "../steps/reconnect.ts";

const RegistryLoginInputs = z.object({
  schema: z.literal(1),
  host: Address,
  ...Registry.shape,
});
export type RegistryLoginInputs = z.infer<typeof RegistryLoginInputs>;

export const registryLoginProvider: Provider<RegistryLoginInputs, RegistryLoginInputs> = {
  inputs: RegistryLoginInputs,
  state: RegistryLoginInputs,
  id: ({ host, server }) => `${host.name}:${server}`,

  plan: (inputs, state) => ({
    changes: state === undefined || differs(inputs, state),
    text: `${inputs.host.name}   log in to ${inputs.server} as ${inputs.username}`,
  }),

  converge: async (inputs, _state, { hosts, report }) => {
    const { host, server, username, password } = inputs;
    const where = () => ({ host: host.name, servesNow: NOTHING_TOUCHED });
    await throughLosses(report, where, () =>
      hosts
        .at(host)
        .docker.login({ server, username, password })
        .catch((thrown: unknown) => {
          if (isExplained(thrown)) throw thrown;
          throw refused(inputs, thrown);
        }),
    );
    return inputs;
  },

  read: async (inputs) => ({ found: "same", state: inputs }),

  claims: () => [],
  withdraw: async () => {},
};

/**
 * A different machine has to log in too; a different SSH user or host key changes nothing, nor does a new token in the place of one that
 * expires: this machine has just asked the registry with it, and each pull sends the one of its run.
 */
const differs = (now: RegistryLoginInputs, before: RegistryLoginInputs): boolean =>
  !isSameMachine(now.host, before.host) ||
  now.server !== before.server ||
  now.username !== before.username ||
  (now.expires !== true && now.password !== before.password);

const refused = ({ host, server, username }: RegistryLoginInputs, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "REGISTRY_DENIED",
      what: `the registry ${server} refused user ${username}`,
      host: host.name,
      evidence: [messageOf(thrown)],
      servesNow: NOTHING_TOUCHED,
      next: "check slipway:registry.username; then set the password: pulumi config set --secret --path 'slipway:registry.password'",
    },
    { cause: thrown },
  );
