import { z } from "zod";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field } from "../schema/section.ts";

const owner = z.union([z.string(), z.int().min(0)]);

/** What is wrong with a mode that is no text. */
const modeError = ({ input }: { readonly input?: unknown }): string | undefined =>
  typeof input === "number" ? 'should be text: write it in quotes, "0644": without them YAML reads 0644 as 420' : undefined;

/** Modes whose decimal number, which YAML makes of them without quotes, has octal digits only. */
const MISREAD: ReadonlyMap<string, string> = new Map(
  [0o400, 0o440, 0o444, 0o555, 0o600, 0o640, 0o644, 0o660, 0o664, 0o666, 0o700, 0o750, 0o755, 0o770, 0o775, 0o777]
    .map((mode) => [String(mode), `0${mode.toString(8)}`] as const)
    .filter(([decimal]) => /^[0-7]+$/.test(decimal)),
);

/** Permission bits of a file or folder. Text, because YAML reads an unquoted 0644 as 420. */
export const modeField = (fallback: string) =>
  field(z.string({ error: modeError }), {
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
  const meant = MISREAD.get(text);
  if (meant !== undefined)
    place.refuse(`${quoted(text)} is what YAML reads for ${meant}: write "${meant}", or "0${text}" if you mean that`);
  else if (!/^[0-7]{3,4}$/.test(text)) place.refuse(`${quoted(text)} is not a mode: write "0640"`);
  return Number.parseInt(text, 8) || 0;
}

export function resolveOwner(input: string | number | undefined, place: ConfigPath): string | undefined {
  if (input === undefined) return undefined;
  const text = String(input);
  if (!/^[\w.-]+(:[\w.-]+)?$/.test(text)) place.refuse(`${quoted(text)} is not user or user:group, by name or number`);
  return text;
}
