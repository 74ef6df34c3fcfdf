import { messageOf } from "../../core/error.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import { unusedImages } from "../container/unused-images.ts";
import type { Run } from "../pulumi/provider.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Removes replaced and refused images. A failure is only a warning: what serves does not need them. */
export async function removeUnusedImages(inputs: AccessoryInputs, { name, docker }: Host, { report }: Run): Promise<void> {
  try {
    const [containers, images] = await Promise.all([docker.containers({}), docker.images({})]);
    for (const { id } of unusedImages([inputs], containers, images)) await docker.removeImage(id);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    report.warn(`${name}: old images of ${inputs.accessory} could not be removed: ${messageOf(thrown)}`);
  }
}
