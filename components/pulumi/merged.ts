import { canonical, isMap } from "../../core/values.ts";

/**
 * What two readings of one config have in common; `later` where they differ.
 *
 * @example merged({ memory: 1, user: "app" }, { memory: 2, user: "app" }, later) // { memory: later, user: "app" }
 */
export function merged(one: unknown, other: unknown, later: unknown): unknown {
  if (canonical(one) === canonical(other)) return one;
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.map((item, at) => merged(item, other[at], later));
  if (isMap(one) && isMap(other) && isNested(one, other))
    return Object.fromEntries(Object.keys({ ...one, ...other }).map((key) => [key, merged(one[key], other[key], later)]));
  return later;
}

/** Whether one has all keys of the other. Keys that only one of both has may be placeholders themselves. */
function isNested(one: object, other: object): boolean {
  const [fewer = [], more = []] = [Object.keys(one), Object.keys(other)].sort((a, b) => a.length - b.length);
  return fewer.every((key) => more.includes(key));
}
