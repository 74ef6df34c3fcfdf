import { parseEngineImage } from "../../core/engine-image.ts";
import { parseFileImage } from "../../core/file-image.ts";
import { type FoundImage, ImageStore, readImageFile } from "../../registry/index.ts";

/**
 * An image of this machine, brought into the project's store. Rejects with a `SlipwayError` if it is not there.
 *
 * @param image for which `isLocalImage` holds
 * @param project the folder that paths are relative to
 */
export async function readLocalImage(image: string, project: string): Promise<FoundImage> {
  const store = ImageStore.of(project);
  const file = parseFileImage(image);
  if (file !== undefined) return readImageFile(file, project, store);
  const engine = parseEngineImage(image);
  if (engine === undefined) throw new TypeError(`${image} is not on this machine`);
  // Most stacks have no need of it.
  const { readEngineImage } = await import("../../builder/index.ts");
  return readEngineImage(engine, store, { env: process.env });
}
