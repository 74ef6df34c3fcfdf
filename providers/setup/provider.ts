/**
 * The user's own commands of one role on one host.
 *
 * Owns nothing that could be named: the effect of the commands is not observed. They run once, again when they change, and again on
 * another machine; another way to reach the same machine is no reason to run them.
 * Operations: run. Removal undoes nothing.
 */
import { z } from "zod";
import { canonical } from "../../core/values.ts";
import { isSameMachine } from "../../hosts/index.ts";
import type { Provider } from "../pulumi/provider.ts";
import { SetupInputs, SetupState, scriptOf } from "./inputs.ts";

/** What `command:remote:Command` had as inputs. */
const Earlier = z.looseObject({ create: z.string(), connection: z.unknown() });

/** Whether the commands are those that have run. */
const areSame = ({ commands }: Pick<SetupInputs, "commands">, state: SetupState | undefined): state is SetupState =>
  state !== undefined && scriptOf(state.commands) === scriptOf(commands);

export const setupProvider: Provider<SetupInputs, SetupState> = {
  inputs: SetupInputs,
  state: SetupState,
  id: ({ host, role }) => `${host.name}:setup:${role}`,

  plan: (inputs, state) => {
    const { host, role, commands, adopted } = inputs;
    const count = `${commands.length} ${commands.length === 1 ? "command" : "commands"}`;
    const isSame = areSame(inputs, state);
    if (adopted === true || (isSame && isSameMachine(host, state.host)))
      return {
        changes: state === undefined || canonical(state.host) !== canonical(host),
        text: `${host.name}   setup of ${role} has run`,
      };
    const why = state === undefined ? "" : isSame ? `, unless the machine at ${host.address} is the same` : " again: it changed";
    return { changes: true, text: `${host.name}   run the setup of ${role}, ${count}${why}` };
  },

  converge: async ({ adopted, ...inputs }, state, run) => {
    const { host } = inputs;
    const machine = state?.machine;
    const isSame = areSame(inputs, state);
    if (adopted === true) return inputs;
    if (isSame && isSameMachine(host, state.host)) return { ...inputs, ...(machine === undefined ? {} : { machine }) };
    const { runSetup } = await import("./run.ts");
    return { ...inputs, ...(await runSetup(inputs, isSame ? machine : undefined, run)) };
  },

  read: async ({ adopted: _adopted, ...inputs }, _run, state) => ({ found: "same", state: state ?? inputs }),

  adopt: (olds, { commands }) => {
    const earlier = Earlier.safeParse(olds);
    return earlier.success && earlier.data.create === scriptOf(commands) ? { adopted: true } : undefined;
  },

  claims: () => [],

  withdraw: async () => {},
};
