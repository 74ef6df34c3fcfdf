import { existsSync } from "node:fs";
import { contentNow, type Place, placeOf, sourceOf } from "../../../builder/index.ts";
import type { Builder } from "../../../core/builder.ts";
import { SlipwayError } from "../../../core/error.ts";
import { BuildState } from "../../../providers/build/inputs.ts";
import type { Kept } from "../../stack/checkpoint.ts";

/**
 * Why an image has to be built again: its files are compared with those that it was built from.
 *
 * @param root the project's folder
 */
export async function changedBuild(builds: readonly Kept[], root: string): Promise<string | undefined> {
  for (const { outputs } of builds) {
    const state = BuildState.safeParse(outputs);
    if (!state.success) return "an image was built by a different version of Slipway";
    const { builder, built, service, name } = state.data;
    const place = placeOf(builder, root);
    const now = existsSync(place.dockerfile) ? await hashNow(builder, place) : undefined;
    if (now instanceof SlipwayError) return now.story.what;
    if (now === undefined || now !== built?.content)
      return `the files that the image of ${name ?? service} is built from have changed`;
  }
  return undefined;
}

/** A build that would be refused is left to the run, which says so. */
async function hashNow(builder: Builder, place: Place): Promise<string | SlipwayError> {
  if (builder.clean === undefined) return (await contentNow(builder, place)).hash;
  return sourceOf(builder, place).then(
    ({ content }) => content.hash,
    (thrown: unknown) => {
      if (thrown instanceof SlipwayError) return thrown;
      throw thrown;
    },
  );
}
