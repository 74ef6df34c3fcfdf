import type { Place } from "../source/place.ts";
import { type Entry, leavesOf, type MapNode, type Path, type Tree } from "../yaml/tree.ts";

/** A value of the base that the destination's file replaces. */
export interface Replaced {
  readonly path: Path;
  readonly at: Place;
  readonly by: Place;
  /** What a list of the base has and that of the destination does not. */
  readonly without: readonly string[];
}

export interface Merged {
  readonly root: MapNode;
  readonly replaced: readonly Replaced[];
}

/** The file of a destination over the base, as Kamal merges them: maps key by key; lists and values are replaced. */
export function merge(base: MapNode, over: MapNode): Merged {
  const replaced: Replaced[] = [];
  return { root: mergeMaps(base, over, [], replaced), replaced };
}

function mergeMaps(base: MapNode, over: MapNode, path: Path, replaced: Replaced[]): MapNode {
  const above = new Map(over.entries.map((entry) => [entry.key, entry]));
  const entries = base.entries.map((entry) => {
    const own = above.get(entry.key);
    return own === undefined ? entry : mergeEntry(entry, own, [...path, entry.key], replaced);
  });
  const known = new Set(base.entries.map(({ key }) => key));
  return { ...base, entries: [...entries, ...over.entries.filter(({ key }) => !known.has(key))] };
}

function mergeEntry(base: Entry, over: Entry, path: Path, replaced: Replaced[]): Entry {
  if (base.value.kind === "map" && over.value.kind === "map")
    return { ...base, value: mergeMaps(base.value, over.value, path, replaced) };
  const without = namesIn(base.value).filter((name) => !namesIn(over.value).includes(name));
  for (const [at, leaf] of leavesOf(base.value, path).entries())
    replaced.push({ path: leaf.path, at: leaf.node.at, by: over.at, without: at === 0 ? without : [] });
  return { ...over, above: over.above ?? base.above, isApart: base.isApart ?? false };
}

/** Of a list, its items. */
function namesIn(node: Tree): string[] {
  if (node.kind !== "list") return [];
  return node.items.map(({ value }) => {
    if (value.kind === "scalar") return value.text;
    return value.kind === "map" ? value.entries.map(({ key }) => key).join(" ") : "";
  });
}
