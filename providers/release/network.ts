import { KAMAL_PROXY } from "../../hosts/index.ts";
import { hostOf, together } from "./crew.ts";
import { places } from "./inputs.ts";
import { only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

/** A host without a proxy of ours has nobody else who makes the network. */
export const makeNetworks = (work: Work, plan: Plan): Promise<unknown> =>
  together(only(plan, "network"), async ({ host }) => {
    await hostOf(work.crew, host).docker.createNetwork(KAMAL_PROXY.network, { "slipway.stack": work.inputs.stack });
  });

/** Takes the network of a host that the release has left, if nothing else is on it: neither a proxy nor another app. */
export const leaveNetworks = (work: Work): Promise<unknown> => {
  const used = new Set(places(work.inputs).map(({ host }) => host));
  return together(
    [...work.crew.values()].filter(({ name }) => !used.has(name)),
    async ({ docker }) => {
      // A proxy that is stopped is not on its network, and could not start without it.
      if ((await docker.inspect(KAMAL_PROXY.container)) !== undefined) return;
      await docker.removeNetwork(KAMAL_PROXY.network);
    },
  );
};
