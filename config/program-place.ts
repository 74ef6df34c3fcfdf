import { type JsonSchema, kindsOf, rootSchemas } from "./json-schema.ts";
import type { Key } from "./schema/problem.ts";

/** A place in the arguments of a program, as the schema has it. */
export interface ProgramPlace {
  /** Without the names that a user has chosen, and with `[]` for an item of a list: `accessories.options.memory`, `proxy.hosts[]`. */
  readonly key: string;
  /** What it takes, with the example of the key; empty for a place that the schema does not have. */
  readonly kinds: readonly JsonSchema[];
}

/** @param path with the keys of a stack's file. @example placeOf(["accessories", "db", "boot_timeout"]).key // "accessories.boot_timeout" */
export function placeOf([root = "", ...rest]: readonly Key[]): ProgramPlace {
  schemas ??= rootSchemas();
  const schema = Object.hasOwn(schemas, root) ? schemas[root] : undefined;
  return rest.reduce(inside, { key: String(root), kinds: schema === undefined ? [] : kindsOf(schema) });
}

let schemas: Readonly<Record<string, JsonSchema>> | undefined;

function inside({ key, kinds }: ProgramPlace, step: Key): ProgramPlace {
  if (typeof step === "number")
    return { key: `${key}[]`, kinds: kinds.flatMap(({ items }) => (items === undefined ? [] : kindsOf(items))) };
  const own = kinds.flatMap(({ properties = {} }) => (Object.hasOwn(properties, step) ? [properties[step] ?? {}] : []));
  if (own.length > 0) return { key: `${key}.${step}`, kinds: own.flatMap(kindsOf) };
  const named = kinds.flatMap(({ additionalProperties: any }) => (typeof any === "object" ? [any] : []));
  return { key, kinds: named.flatMap(kindsOf) };
}

/**
 * What a table has for a key, or for the longest end of it. A single word is a key as a whole.
 *
 * @example byKey({ "options.memory": "a size" }, "servers.options.memory") // "a size"
 */
export function byKey<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  const words = key.split(".");
  const ends = words.map((_, at) => words.slice(at).join("."));
  const found = ends.find((end, at) => (at === 0 || end.includes(".")) && Object.hasOwn(table, end));
  return found === undefined ? undefined : table[found];
}
