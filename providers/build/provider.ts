/**
 * The image of an app, built from its Dockerfile on the operator's machine, into the project's store.
 *
 * Owns nothing on a host: releases bring the image there. The image is known by the files that it is made of; that their build was not
 * repeated, or was repeated and made the same, decides no release.
 * Operations: build. Removal undoes nothing.
 */
import type { Provider } from "../pulumi/provider.ts";
import { BuildInputs, BuildState } from "./inputs.ts";
import { planBuild } from "./plan.ts";

export const buildProvider: Provider<BuildInputs, BuildState> = {
  inputs: BuildInputs,
  state: BuildState,
  id: ({ service, name }) => [service, ...(name === undefined ? [] : [name]), "image"].join(":"),

  plan: planBuild,

  converge: async (inputs, state, run) => {
    if (state?.built !== undefined && !planBuild(inputs, state).changes) return { ...inputs, built: state.built };
    const { converge } = await import("./converge.ts");
    return { ...inputs, built: await converge(inputs, run) };
  },

  read: async (inputs, run, state) => {
    if (state?.built === undefined) return { found: "drift", state: inputs, inputs: { ...inputs, image: "unknown" } };
    const { hostsWithout } = await import("./look.ts");
    const { lost: _before, ...known } = state;
    const lost = await hostsWithout(inputs, state.built, run);
    if (lost.length === 0) return { found: "same", state: known };
    return { found: "drift", state: { ...known, lost }, inputs: { ...inputs, image: `missing on ${lost.join(", ")}` } };
  },

  claims: () => [],

  withdraw: async () => {},
};
