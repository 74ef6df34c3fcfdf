import { distance } from "fastest-levenshtein";

/** More of them are no help. */
const FEW = 3;

/**
 * The names that may be meant instead of one that is missing, the likeliest first: other tags of the same repository, and those that differ in a few
 * letters. Pure.
 *
 * @example similarNames("shop:dev", ["shop:1.4.2", "postgres:16"]) // ["shop:1.4.2"]
 */
export function similarNames(wanted: string, names: readonly string[]): string[] {
  const near = names.flatMap((name) => {
    const apart = distance(lastOf(name), lastOf(wanted));
    const isSame = lastOf(name).split(":")[0] === lastOf(wanted).split(":")[0];
    return isSame || apart <= Math.max(2, lastOf(wanted).length / 3) ? [{ name, apart, isSame }] : [];
  });
  const ordered = near.sort((a, b) => Number(b.isSame) - Number(a.isSame) || a.apart - b.apart || (a.name < b.name ? -1 : 1));
  return [...new Set(ordered.map(({ name }) => name))].slice(0, FEW);
}

/** @example lastOf("ghcr.io/acme/shop:dev") // "shop:dev" */
const lastOf = (name: string): string => name.split("/").at(-1) ?? "";
