import { z } from "zod";
import { ONE_REQUIRED, REQUIRED, ROOT_KEYS, Root } from "./root.ts";

/** The part of JSON Schema that zod writes for our keys. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  /** Our keyword: what is refused. */
  refused?: string;
  /** Our keyword: the default in words. */
  otherwise?: string;
  /** Our keyword: may be a Pulumi secret. */
  secret?: true;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  [keyword: string]: unknown;
}

/** The schema of each root key, with our own keywords. */
export function rootSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(
    ROOT_KEYS.map((key) => {
      const { $schema, ...schema } = z.toJSONSchema(Root[key], { io: "input" }) as JsonSchema;
      return [key, schema];
    }),
  );
}

/** The alternatives of a schema, each of one type, with the examples of the key. */
export function kindsOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf, type, examples } = schema;
  if (Array.isArray(type)) return type.map((one) => ({ ...schema, type: one }));
  if (anyOf === undefined) return [schema];
  return anyOf.flatMap(kindsOf).map((kind) => (examples === undefined ? kind : { ...kind, examples }));
}

/** Whether it is a text, a number or a switch. */
export const isScalar = (kind: JsonSchema): boolean =>
  kind.enum !== undefined || "const" in kind || ["string", "integer", "number", "boolean"].includes(String(kind.type));

/** For editors: the schema of a `stacks/Pulumi.<stack>.yaml`. */
export function stackFileSchema(): JsonSchema {
  const keys = Object.entries(rootSchemas()).map(([key, schema]) => [`slipway:${key}`, published(schema)]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A stack of Slipway: stacks/Pulumi.<stack>.yaml",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(keys),
        patternProperties: { "^(?!slipway:)": {} },
        additionalProperties: false,
        anyOf: [
          ...[...ONE_REQUIRED.map((key) => ["servers", key]), ["accessories"]].map((keys) => ({
            required: [...REQUIRED, ...keys].map((key) => `slipway:${key}`),
          })),
          { required: ["slipway:deploy_file"] },
        ],
      },
    },
  };
}

const ENCRYPTED: JsonSchema = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

/** Without our own keywords, and with `secure: …` allowed where a secret is. */
function published({ refused, otherwise, secret, ...schema }: JsonSchema): JsonSchema {
  const {
    description,
    examples,
    default: fallback,
    ...shape
  } = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, PARTS[keyword]?.(value) ?? value]),
  ) as JsonSchema;
  const documentation = Object.fromEntries(
    Object.entries({ description, examples, default: fallback }).filter(([, value]) => value !== undefined),
  );
  return secret ? { ...documentation, anyOf: [sealable(shape), ENCRYPTED] } : { ...documentation, ...shape };
}

const each = (map: unknown): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(map as Record<string, JsonSchema>).map(([key, inner]) => [key, published(inner)]));

/** The keywords that hold schemas. */
const PARTS: Readonly<Record<string, (value: unknown) => unknown>> = {
  properties: each,
  additionalProperties: (value) => (typeof value === "object" ? published(value as JsonSchema) : value),
  propertyNames: (value) => value,
  items: (value) => published(value as JsonSchema),
  anyOf: (value) => (value as JsonSchema[]).map(published),
};

/** In a map or list that holds secrets each value may be encrypted. */
function sealable(shape: JsonSchema): JsonSchema {
  if (shape.type === "object" && typeof shape.additionalProperties === "object") {
    return { ...shape, additionalProperties: { anyOf: [shape.additionalProperties, ENCRYPTED] } };
  }
  if (shape.type === "array" && shape.items) return { ...shape, items: { anyOf: [shape.items, ENCRYPTED] } };
  return shape.anyOf ? { ...shape, anyOf: shape.anyOf.map(sealable) } : shape;
}
