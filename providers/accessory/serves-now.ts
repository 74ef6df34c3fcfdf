import { secondsText } from "./describe.ts";
import type { FoundContainer } from "./found.ts";
import type { Work } from "./work.ts";

/** What serves while nothing was stopped. @param how its condition: `untouched` */
export function servesNow({ inputs, old }: Pick<Work, "inputs" | "old">, how: string): string {
  if (old === undefined) return `nothing of ${inputs.accessory} on ${inputs.host.name}, where it did not run before`;
  if (old.status !== "running") return `nothing of ${inputs.accessory}: ${old.name} was found ${old.status}`;
  return `${textOf(old)}, ${how}`;
}

/** @example "shop-db (postgres:16.4)" */
export const textOf = ({ name, image }: FoundContainer): string => `${name} (${image})`;

/** @example ", after a gap of 1.3 s" */
export function gapText({ gap }: Pick<Work, "gap">): string {
  return gap.soFar === undefined ? "" : `, after a gap of ${secondsText(gap.soFar)}`;
}
