import { existsSync } from "node:fs";
import { placeOf, readContext } from "../../../builder/index.ts";
import { BuildState } from "../../../providers/build/inputs.ts";
import type { Kept } from "../../stack/checkpoint.ts";

/**
 * Why an image has to be built again: its files are compared with those that it was built from.
 *
 * @param root the project's folder
 */
export function changedBuild(builds: readonly Kept[], root: string): string | undefined {
  for (const { outputs } of builds) {
    const state = BuildState.safeParse(outputs);
    if (!state.success) return "an image was built by a different version of Slipway";
    const { builder, built, service, name } = state.data;
    const place = placeOf(builder, root);
    const isSame = existsSync(place.dockerfile) && readContext(place).hash === built?.content;
    if (!isSame) return `the files that the image of ${name ?? service} is built from have changed`;
  }
  return undefined;
}
