import { canonical } from "../../core/values.ts";
import type { Provider } from "../pulumi/provider.ts";
import { TenancyInputs } from "./inputs.ts";

/**
 * Does nothing while it lives; when it goes, the app leaves this host in good order. Its place in the graph is what it is for: after the
 * load balancer has let the host go, before the machine is deleted. A release cannot be at both places.
 */
export const tenancyProvider: Provider<TenancyInputs, TenancyInputs> = {
  inputs: TenancyInputs,
  state: TenancyInputs,
  id: ({ host, service, destination = "" }) => `${host.name}:${service}:${destination}`,
  plan: ({ host }, state) => ({
    changes: state === undefined || canonical(state.host) !== canonical(host),
    text: "",
  }),
  converge: async (inputs) => inputs,
  read: async (inputs) => ({ found: "same", state: inputs }),
  withdraw: async (inputs, run) => {
    const { leave } = await import("./leave.ts");
    await leave(inputs, run);
  },
};
