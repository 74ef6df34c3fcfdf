import { z } from "zod";
import { quoted } from "../schema/name.ts";
import type { Place } from "../schema/problem.ts";
import { field } from "../schema/section.ts";

const owner = z.union([z.string(), z.int().min(0)]);

/** Permission bits and owner of a file or folder; text, since YAML makes 420 of an unquoted 0644. */
export const modeField = (fallback: string) =>
  field(z.string(), {
    is: "Permissions, as chmod takes them, in quotes.",
    otherwise: fallback,
    refused: "anything but three or four digits of 0 to 7",
    example: "0640",
  });

export const ownerField = (fallback: string) =>
  field(owner, {
    is: "Who owns it in the container: a user, user:group, or numbers of them, as the image knows them.",
    otherwise: fallback,
    refused: "a blank in it",
    example: "999:999",
  });

/** @example resolveMode("0640", place) // 0o640 */
export function resolveMode(text: string | undefined, place: Place): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-7]{3,4}$/.test(text)) place.refuse(`${quoted(text)} is not a mode: write "0640"`);
  return Number.parseInt(text, 8) || 0;
}

export function resolveOwner(input: string | number | undefined, place: Place): string | undefined {
  if (input === undefined) return undefined;
  const text = String(input);
  if (!/^[\w.-]+(:[\w.-]+)?$/.test(text)) place.refuse(`${quoted(text)} is not user, user:group or numbers of them`);
  return text;
}
