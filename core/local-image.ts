import { isEngineImage } from "./engine-image.ts";
import { isFileImage } from "./file-image.ts";

/** Whether an image is meant to come from the operator's machine, so that no registry is asked for it. */
export const isLocalImage = (image: string): boolean => isFileImage(image) || isEngineImage(image);
