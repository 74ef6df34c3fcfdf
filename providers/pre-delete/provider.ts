/**
 * Removes an app from a host before the host itself is deleted.
 *
 * Owns nothing: the release owns what runs. Its place in the resource graph is its purpose: after the load balancer has removed the host
 * from its targets, before the machine is deleted. A release, one resource for all hosts, cannot be in that place.
 * Operations: none while it exists; when it is deleted, all that the release withdraws on that host.
 */
import { canonical } from "../../core/values.ts";
import type { Provider } from "../pulumi/provider.ts";
import { claimOf } from "../release/claim.ts";
import { PreDeleteInputs, PreDeleteRemains } from "./inputs.ts";

export const preDeleteProvider: Provider<PreDeleteInputs, PreDeleteInputs> = {
  inputs: PreDeleteInputs,
  state: PreDeleteInputs,
  remains: PreDeleteRemains,
  id: ({ host, service, destination = "" }) => `${host.name}:${service}:${destination}`,
  plan: ({ host }, state) => ({ changes: state === undefined || canonical(state.host) !== canonical(host), text: "" }),
  converge: async (inputs) => inputs,
  read: async (inputs) => ({ found: "same", state: inputs }),
  claims: ({ host, ...app }) => [claimOf(app, host)],
  withdraw: async (inputs, run) => {
    const { removeApp } = await import("./remove-app.ts");
    await removeApp(inputs, run);
  },
};
