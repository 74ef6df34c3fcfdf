import type { Kind, Property } from "./kind.ts";
import { isUnknown, type Props } from "./values.ts";

/** The changes of an update. */
export interface Differences {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The difference between the actual and the wanted properties, as a bridged Terraform provider computes it. */
export function differences(kind: Kind, there: Props, wanted: Props, before: Props, ignored: readonly string[]): Differences {
  const changed = Object.entries(kind.properties)
    .filter(([key, property]) => !ignored.includes(key) && isChanged(property, there[key], wanted[key], before[key]))
    .map(([key]) => key);
  const together = kind.replaces?.(wanted, changed) ?? [];
  if (together.length > 0) return { changed, replaces: together, deleteBeforeReplace: true };
  const replaces = changed.filter((key) => kind.properties[key]?.replaces === true);
  // Names are unique: the new one can only be created first if its name is generated.
  const nameStays = kind.named === true && !isMadeUp(wanted) && !changed.includes("name");
  return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && nameStays };
}

const isMadeUp = ({ __defaults }: Props): boolean => Array.isArray(__defaults) && __defaults.includes("name");

function isChanged({ computed, same = covers }: Property, there: unknown, wanted: unknown, before: unknown): boolean {
  if (wanted === undefined) return before !== undefined && !computed && !isNothing(there);
  return isUnknown(wanted) || !same(there, wanted);
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === false ||
  value === "" ||
  value === 0 ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);

/** Whether the actual value contains everything wanted: unset keys are the provider's, and lists are sets. */
export function covers(there: unknown, wanted: unknown): boolean {
  if (wanted === undefined || wanted === null) return true;
  if (Array.isArray(wanted)) return Array.isArray(there) && coversAll(there, wanted);
  if (typeof wanted === "object")
    return (
      typeof there === "object" &&
      there !== null &&
      Object.entries(wanted).every(([key, value]) => covers((there as Props)[key], value))
    );
  if (isNothing(wanted) && isNothing(there)) return true;
  return String(there) === String(wanted);
}

function coversAll(there: readonly unknown[], wanted: readonly unknown[]): boolean {
  const left = [...there];
  for (const one of wanted) {
    const at = left.findIndex((other) => covers(other, one));
    if (at === -1) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

/** Whether two maps are equal. */
export const equal = (there: unknown, wanted: unknown): boolean => covers(there ?? {}, wanted) && covers(wanted, there ?? {});
