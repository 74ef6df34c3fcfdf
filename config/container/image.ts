import { isEngineImage, parseEngineImage } from "../../core/engine-image.ts";
import { isFileImage, parseFileImage } from "../../core/file-image.ts";
import { isReference, isTag } from "../../core/image-reference.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

export const TAG_RULE = "letters, digits, ., - and _, at most 128, and not . or - at the beginning";

/** Without tag and digest: `ghcr.io/acme/shop`. */
export const repositoryOf = (image: string): string => (image.split("@")[0] ?? "").replace(/:[^/:]*$/, "");

const DIGEST = /^[^@]+@sha256:[0-9a-f]{64}$/;

/** An image of the app itself, which may also come from the operator's machine. @example resolveAppImage("file://dist/shop.tar", place) */
export function resolveAppImage(image: string, place: ConfigPath): string {
  if (isEngineImage(image) && parseEngineImage(image) === undefined)
    place.refuse(`${quoted(image)} should be engine://NAME:TAG, or engine://sha256: and the 64 hex digits of an id`);
  if (isEngineImage(image)) return image;
  if (!isFileImage(image)) return resolveImage(image, place);
  if (parseFileImage(image) === undefined)
    place.refuse(`${quoted(image)} should be file://PATH, or file://PATH#NAME for one of several images`);
  return image;
}

/**
 * An image, or what is wrong with it: everything that no registry would accept, by the grammar of Docker's own registry.
 *
 * @example resolveImage("ghcr.io/acme/shop:1.4.2", place)
 */
export function resolveImage(image: string, place: ConfigPath): string {
  const fault = faultOf(image);
  if (fault !== undefined) place.refuse(fault);
  return image;
}

function faultOf(image: string): string | undefined {
  const [named = ""] = image.split("@");
  const repository = repositoryOf(image);
  const tag = named.length > repository.length ? named.slice(repository.length + 1) : undefined;
  if (/\s/.test(image)) return `${quoted(image)} contains whitespace`;
  if (repository === "") return "should name an image: ghcr.io/acme/shop:1.4.2";
  if (isFileImage(image)) return "comes from a registry: file:// is for slipway:image and slipway:canary.image";
  if (isEngineImage(image)) return "comes from a registry: engine:// is for slipway:image and slipway:canary.image";
  if (image.includes("://")) return "write it without https://";
  if (/[A-Z]/.test(repository))
    return `${quoted(image)} has uppercase letters before the tag: write ${quoted(image.replace(repository, repository.toLowerCase()))}`;
  if (image.includes("@") && !DIGEST.test(image))
    return `${quoted(image)} does not end with a digest: @sha256: and 64 hex digits`;
  if (!isReference(repository))
    return `${quoted(image)} is not an image: write registry/name:tag, in small letters, digits, ., - and _`;
  return tag !== undefined && !isTag(tag) ? `${quoted(tag)} is not a tag: ${TAG_RULE}` : undefined;
}
