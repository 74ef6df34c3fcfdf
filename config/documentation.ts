import type { JsonSchema } from "./json-schema.ts";

/** The default as code, or in words where it depends on something. */
export const fallbackOf = ({ default: value, otherwise }: JsonSchema): string | undefined =>
  value === undefined ? otherwise : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

/** What the names in a root key's map mean, where it is not a role. */
const NAMED: Readonly<Record<string, string>> = { accessories: "<accessory>" };

/** @example namedBelow("servers") // "<role>" */
export const namedBelow = (root: string): string => NAMED[root] ?? "<role>";

/** Sections whose keys the page documents elsewhere: those of a role are the root's. */
const DOCUMENTED_ELSEWHERE: ReadonlySet<string> = new Set([
  "<role>.env",
  "<role>.logging",
  "<role>.proxy",
  "<role>.hosts.<host>.proxy",
  ...["env", "logging", "options", "proxy", "registry"].map((key) => `<accessory>.${key}`),
  "tags",
]);

/** Every documented key below, with its path: `healthcheck.path`, `<role>.cmd`. */
export function* keysBelow(schema: JsonSchema, above: string, named: string): Generator<[string, JsonSchema]> {
  for (const branch of schema.anyOf ?? []) yield* keysBelow(branch, above, named);
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const path = above === "" ? key : `${above}.${key}`;
    yield [path, inner];
    if (!DOCUMENTED_ELSEWHERE.has(path)) yield* keysBelow(inner, path, named);
  }
  if (schema.items) yield* keysBelow(schema.items, `${above}[]`, named);
  if (typeof schema.additionalProperties !== "object") return;
  const name = above === "" ? named : above.endsWith(".hosts") ? "<host>" : "<name>";
  yield* keysBelow(schema.additionalProperties, above === "" ? name : `${above}.${name}`, named);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true/false",
  object: "map",
};

/** What a key takes, in words. @example kindOf({ type: "integer" }) // "whole number" */
export function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(" or ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(" or ");
  if (schema.type === "array") return `list of ${schema.items?.anyOf ? `(${kindOf(schema.items)})` : kindOf(schema.items ?? {})}`;
  return [schema.type ?? ""]
    .flat()
    .map((type) => KINDS[type] ?? "value")
    .join(" or ");
}
