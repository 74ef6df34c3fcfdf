import { z } from "zod";
import { canonical } from "../../core/hash.ts";
import { Address } from "../../hosts/index.ts";
import type { Provider } from "../pulumi/provider.ts";

/** An app's stay on a host that goes together with it. */
export const TenancyInputs = z.object({
  schema: z.literal(1),
  host: Address,
  stack: z.string(),
  service: z.string(),
  destination: z.string().optional(),
  /** Seconds for requests in flight, and for what has no stop timeout of its own. */
  drainTimeout: z.number(),
});
export type TenancyInputs = z.infer<typeof TenancyInputs>;

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
