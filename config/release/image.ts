import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

export const isTag = (text: string): boolean => /^[\w][\w.-]{0,127}$/.test(text);
export const TAG_RULE = "letters, digits, ., - and _";

const DIGEST = /^[^@]+@sha256:[0-9a-f]{64}$/;

/** Without tag and digest: `ghcr.io/acme/shop`. */
export const repositoryOf = (image: string): string => (image.split("@")[0] ?? "").replace(/:[^/:]*$/, "");

/** Refuses what no registry would accept. */
export function resolveImage(image: string | undefined, place: ConfigPath): string {
  if (image === undefined) return "";
  const repository = repositoryOf(image);
  if (/\s/.test(image)) place.refuse(`${quoted(image)} contains whitespace`);
  else if (repository === "") place.refuse("should name an image: ghcr.io/acme/shop:1.4.2");
  else if (image.includes("://")) place.refuse("write it without https://");
  else if (/[A-Z]/.test(repository))
    place.refuse(
      `${quoted(image)} has uppercase letters before the tag: write ${quoted(image.replace(repository, repository.toLowerCase()))}`,
    );
  else if (image.includes("@") && !DIGEST.test(image))
    place.refuse(`${quoted(image)} does not end with a digest: @sha256: and 64 hex digits`);
  return image;
}
