import { messageOf } from "../../core/error.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import { unusedImages } from "../container/unused-images.ts";
import type { Run } from "../pulumi/provider.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Removes the images that were replaced or refused. What cannot be removed stays: what serves needs none of them. */
export async function removeImagesOfNobody(inputs: AccessoryInputs, { name, docker }: Host, { report }: Run): Promise<void> {
  try {
    const [containers, images] = await Promise.all([docker.containers({}), docker.images({})]);
    for (const { id } of unusedImages(inputs, containers, images)) await docker.removeImage(id);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    report.warn(`${name}: old images of ${inputs.accessory} could not be removed: ${messageOf(thrown)}`);
  }
}
