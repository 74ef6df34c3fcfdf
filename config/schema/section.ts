import { z } from "zod";
import { type Absent, LATER, unknownKey } from "./unknown-key.ts";

/** The documentation of a key: docs/configuration.md and the JSON Schema are generated from it. */
export interface Doc {
  /** Meaning and unit, in one sentence. */
  readonly is: string;
  /** The value when the key is absent. */
  readonly default?: unknown;
  /** The default in words, where it depends on something. */
  readonly otherwise?: string;
  /** Which values are refused. */
  readonly refused?: string;
  readonly example: unknown;
  /** Whether the value may be, or hold, a Pulumi secret. */
  readonly secret?: true;
}

/** An optional, documented key. Defaults are applied after merging, never by the schema: the default of a role's key must not hide the root's value. */
export function field<S extends z.ZodType>(schema: S, doc: Doc): z.ZodOptional<S> {
  const { is, example, ...rest } = doc;
  return schema.optional().meta({ description: is, examples: [example], ...rest });
}

export const later = (...keys: string[]): Absent => Object.fromEntries(keys.map((key) => [key, LATER]));

/** A map with a fixed set of keys. Any other key is refused with the most similar one, or with the reason why it is not allowed. */
export function section<S extends z.ZodRawShape>(shape: S, absent: Absent = {}): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => unknownKey(key, known, absent)).join("\n") : undefined,
  });
}
