import { messageOf } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { imagesOf } from "../../core/release/named-image.ts";
import { configsOf } from "../../core/stored-image.ts";
import { ConnectionLost, type Host } from "../../hosts/index.ts";
import { type UnusedImage, unusedImages } from "../container/unused-images.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

/** What cannot be removed stays: the release serves, and the next plan names the image again. */
export async function removeImage({ host, id }: OperationOf<"remove-image">, work: Work): Promise<void> {
  const { report } = work.run;
  try {
    // Docker refuses for a container that was created since the plan was made, and for an image that was built on this one.
    if ((await work.on(host).docker.removeImage(id)) === "in use") report.warn(`${host}: kept an old image that is in use again`);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    report.warn(`${host}: could not remove an old image: ${messageOf(thrown)}`);
  }
}

/** The images of this repository that neither a container nor the release uses on a host. */
export async function findUnused(inputs: ReleaseInputs, wanted: readonly string[], { docker }: Host): Promise<UnusedImage[]> {
  const [containers, images] = await Promise.all([docker.containers({}), docker.images({})]);
  const kept = new Set([...wanted.map(digestIn), ...configsOf(inputs.__stored)]);
  const unused = unusedImages(imagesOf(inputs), containers, images);
  return unused.filter(({ id, digests }) => !kept.has(id) && !digests.some((digest) => kept.has(digestIn(digest))));
}
