/**
 * A check that only declared ports are reachable from outside.
 *
 * Owns nothing and changes nothing on the hosts. Runs once per release, and when the declared ports or hosts change: a run without changes
 * is not delayed by it.
 */
import { canonical } from "../../core/values.ts";
import type { Provider } from "../pulumi/provider.ts";
import { ExposureInputs } from "./inputs.ts";

export const exposureProvider: Provider<ExposureInputs, ExposureInputs> = {
  inputs: ExposureInputs,
  state: ExposureInputs,
  id: ({ hosts }) => `${Object.keys(hosts).sort().join("+")}:exposure`,

  plan: (inputs, state) => ({
    changes: state === undefined || canonical(state) !== canonical(inputs),
    text: `check from here that only declared ports are reachable on ${Object.keys(inputs.hosts).sort().join(", ")}`,
  }),

  converge: async (inputs, _state, run) => {
    const { checkExposure } = await import("./check.ts");
    await checkExposure(inputs, run);
    return inputs;
  },

  read: async (inputs) => ({ found: "same", state: inputs }),

  claims: () => [],
  withdraw: async () => {},
};
