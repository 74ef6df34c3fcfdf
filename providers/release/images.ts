import { messageOf } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { ConnectionLost, type Docker } from "../../hosts/index.ts";
import { unusedImages, usedBy } from "../container/unused-images.ts";
import { hostOf, together } from "./crew.ts";
import { only, type Plan } from "./plan.ts";
import { prunesOn } from "./plan-images.ts";
import type { Work } from "./work.ts";

/** On the hosts that a plan changes: images that it names, and those that nobody uses since it was carried out. */
export const removeImagesOfNobody = (work: Work, plan: Plan): Promise<unknown> =>
  together([...new Set(plan.operations.map(({ host }) => host))], (name) => {
    const removed = only(plan, "remove").filter(({ host }) => host === name);
    return removeImagesOn(
      work,
      name,
      removed.map(({ image }) => image),
    );
  });

/**
 * Asks once more what is used: since the plan was made somebody may have begun to use an image that it names.
 *
 * @param freed ids of images whose containers were removed; one that Kamal pulled has a tag
 */
export async function removeImagesOn(work: Work, name: HostName, freed: readonly string[] = []): Promise<void> {
  const { docker } = hostOf(work.crew, name);
  const [containers, images] = await Promise.all([docker.containers({}), docker.images({})]);
  const used = usedBy(containers);
  const left = prunesOn(work.inputs, name, unusedImages(work.inputs, containers, images)).map(({ id }) => id);
  const ids = new Set([...left, ...freed.filter((id) => !used.has(id))]);
  await together([...ids], (id) => {
    return removeImage(work, name, docker, id);
  });
}

/** What cannot be removed stays: the release serves, and the next plan names the image again. */
async function removeImage({ run }: Work, name: HostName, docker: Docker, id: string): Promise<void> {
  try {
    // A container that was started this moment uses it, or somebody has built an image on it.
    if ((await docker.removeImage(id)) === "in use") run.report.warn(`${name}: an old image is used by somebody else and stays`);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    run.report.warn(`${name}: an old image could not be removed: ${messageOf(thrown)}`);
  }
}
