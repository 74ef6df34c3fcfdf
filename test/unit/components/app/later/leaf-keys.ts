import { camelCase } from "../../../../../config/camel-case.ts";
import { isElsewhere } from "../../../../../config/elsewhere.ts";
import { isScalar, type JsonSchema, kindsOf, rootSchemas } from "../../../../../config/json-schema.ts";

/** A key of an app's arguments that takes a text, a number, a switch, or a `Server`. */
export interface Leaf {
  /** Without the names that a user chooses, and with `[]` for an item of a list: `accessories.options.memory`. */
  readonly key: string;
  /** As a program writes it, `*` for such a name: `["accessories", "*", "options", "memory"]`. */
  readonly path: readonly (string | 0)[];
  readonly example: unknown;
}

/** `tags` are of the app's own environment. */
const NOT_OF_A_PROGRAM: ReadonlySet<string> = new Set(["servers.env.tags", "accessories.env.tags"]);
const SERVERS: ReadonlySet<string> = new Set(["servers.hosts", "accessories.host", "accessories.hosts", "jobs.on_host"]);

/** Every such key, found in the schema of a stack's file. */
export function leafKeys(): Leaf[] {
  const { servers = {}, ...others } = rootSchemas();
  const found = [
    ...[{ key: "servers", path: ["servers"], example: undefined }],
    ...leavesIn(roleIn(servers), { key: "servers", path: ["servers", "*"] }),
    ...Object.entries(others)
      .filter(([key]) => !isElsewhere(key))
      .flatMap(([key, schema]) => leavesIn(schema, { key, path: [camelCase(key)] })),
  ];
  return [...new Map(found.map((leaf) => [leaf.key, leaf])).values()];
}

function leavesIn(schema: JsonSchema, { key, path }: Pick<Leaf, "key" | "path">, above?: unknown): Leaf[] {
  if (isElsewhere(key) || NOT_OF_A_PROGRAM.has(key)) return [];
  if (SERVERS.has(key)) return [{ key, path, example: undefined }, ...(key === "servers.hosts" ? ofHost(schema, path) : [])];
  const example = schema.examples?.[0] ?? above;
  const own = kindsOf(schema).some(isScalar) ? [{ key, path, example: [example].flat()[0] }] : [];
  const below = kindsOf(schema).flatMap(({ items, properties = {}, additionalProperties: any }) => [
    ...(items === undefined ? [] : leavesIn(items, { key: `${key}[]`, path: [...path, 0] }, [example].flat()[0])),
    ...Object.entries(properties).flatMap(([name, inner]) =>
      leavesIn(inner, { key: `${key}.${name}`, path: [...path, camelCase(name)] }),
    ),
    ...(typeof any === "object" ? leavesIn(any, { key, path: [...path, "*"] }, Object.values(example ?? {})[0]) : []),
  ]);
  return [...own, ...below];
}

/** Servers of a role are listed, each with what it has of its own. */
function ofHost(hosts: JsonSchema, path: Leaf["path"]): Leaf[] {
  const { tags = {}, proxy = {} } = mapIn(hosts, "proxy");
  return Object.entries({ tags, proxy }).flatMap(([name, schema]) =>
    leavesIn(schema, { key: `servers.hosts.${name}`, path: [...path, 0, name] }),
  );
}

const roleIn = (servers: JsonSchema): JsonSchema => ({ properties: mapIn(servers, "hosts") });

/** The keys of what a map by name has, one of which is known. */
const mapIn = (schema: JsonSchema, known: string): Record<string, JsonSchema> =>
  kindsOf(schema)
    .flatMap(({ additionalProperties: any }) => (typeof any === "object" ? kindsOf(any) : []))
    .flatMap(({ properties = {} }) => (properties[known] === undefined ? [] : [properties]))[0] ?? {};
