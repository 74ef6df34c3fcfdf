import { quoted } from "../schema/name.ts";
import type { Place } from "../schema/problem.ts";

export const isTag = (text: string): boolean => /^[\w][\w.-]{0,127}$/.test(text);
export const TAG_RULE = "letters, digits, ., - and _";

const DIGEST = /^[^@]+@sha256:[0-9a-f]{64}$/;

/** Without tag and digest: `ghcr.io/acme/shop`. */
export const repositoryOf = (image: string): string => (image.split("@")[0] ?? "").replace(/:[^/:]*$/, "");

/** Refuses what no registry would take; the release parses the rest. */
export function resolveImage(image: string | undefined, place: Place): string {
  if (image === undefined) return "";
  const repository = repositoryOf(image);
  if (/\s/.test(image)) place.refuse(`${quoted(image)} has blanks`);
  else if (repository === "") place.refuse("should name an image: ghcr.io/acme/shop:1.4.2");
  else if (image.includes("://")) place.refuse("write it without https://");
  else if (/[A-Z]/.test(repository))
    place.refuse(
      `${quoted(image)} has upper case letters before the tag: write ${quoted(image.replace(repository, repository.toLowerCase()))}`,
    );
  else if (image.includes("@") && !DIGEST.test(image))
    place.refuse(`${quoted(image)} does not end with a digest: @sha256: and 64 digits of 0-9 and a-f`);
  return image;
}
