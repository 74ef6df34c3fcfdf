import { z } from "zod";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field } from "../schema/section.ts";

const owner = z.union([z.string(), z.int().min(0)]);

/** Permission bits of a file or folder. Text, because YAML reads an unquoted 0644 as 420. */
export const modeField = (fallback: string) =>
  field(z.string(), {
    is: "Permissions in octal as for chmod, in quotes.",
    otherwise: fallback,
    refused: "anything but three or four octal digits",
    example: "0640",
  });

export const ownerField = (fallback: string) =>
  field(owner, {
    is: "Its owner in the container: user or user:group, by names that the image knows or by number.",
    otherwise: fallback,
    refused: "whitespace",
    example: "999:999",
  });

/** @example resolveMode("0640", place) // 0o640 */
export function resolveMode(text: string | undefined, place: ConfigPath): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-7]{3,4}$/.test(text)) place.refuse(`${quoted(text)} is not a mode: write "0640"`);
  return Number.parseInt(text, 8) || 0;
}

export function resolveOwner(input: string | number | undefined, place: ConfigPath): string | undefined {
  if (input === undefined) return undefined;
  const text = String(input);
  if (!/^[\w.-]+(:[\w.-]+)?$/.test(text)) place.refuse(`${quoted(text)} is not user or user:group, by name or number`);
  return text;
}
