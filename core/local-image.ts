import { isEngineImage } from "./engine-image.ts";
import { isFileImage } from "./file-image.ts";
import { isByDigest } from "./image-reference.ts";
import { isStored } from "./stored-image.ts";

/** Whether an image is meant to come from the operator's machine, so that no registry is asked for it. */
export const isLocalImage = (image: string): boolean => isFileImage(image) || isEngineImage(image);

/** Whether no registry has an image: it is on the operator's machine, under its name there or in the project's store. */
export const isInNoRegistry = (image: string): boolean => isLocalImage(image) || isStored(image);

/** Whether an image is written by digest as a release has it: then it is that image, and nothing is built. */
export const isPinned = (image: string): boolean => !isLocalImage(image) && isByDigest(image);
