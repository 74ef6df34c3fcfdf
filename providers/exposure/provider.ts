import { canonical } from "../../core/values.ts";
import type { Provider } from "../pulumi/provider.ts";
import { ExposureInputs } from "./inputs.ts";

/** Looks once for each release, and when other ports or hosts are declared; a run that changes nothing is not held up by it. */
export const exposureProvider: Provider<ExposureInputs, ExposureInputs> = {
  inputs: ExposureInputs,
  state: ExposureInputs,
  id: ({ hosts }) => `${Object.keys(hosts).sort().join("+")}:exposure`,

  plan: (inputs, state) => ({
    changes: state === undefined || canonical(state) !== canonical(inputs),
    text: `try from here that nothing but what is declared can be reached on ${Object.keys(inputs.hosts).sort().join(", ")}`,
  }),

  converge: async (inputs, _state, run) => {
    const { checkExposure } = await import("./check.ts");
    await checkExposure(inputs, run);
    return inputs;
  },

  read: async (inputs) => ({ found: "same", state: inputs }),

  withdraw: async () => {},
};
