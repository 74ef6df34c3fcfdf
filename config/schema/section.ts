import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";

/** What a person must know of a key: docs/configuration.md and the JSON Schema are made of it. */
export interface Doc {
  /** Meaning and unit, in one sentence. */
  readonly is: string;
  /** What stands there when nobody writes it. */
  readonly default?: unknown;
  /** The same in words, where it depends on something. */
  readonly otherwise?: string;
  /** What is refused. */
  readonly refused?: string;
  readonly example: unknown;
  /** Whether the value may be, or hold, a Pulumi secret. */
  readonly secret?: true;
}

/** An optional, documented key. Defaults are filled in after merging, never by the schema: a role's key must not hide the root's by its default. */
export function field<S extends z.ZodType>(schema: S, doc: Doc): z.ZodOptional<S> {
  const { is, example, ...rest } = doc;
  return schema.optional().meta({ description: is, examples: [example], ...rest });
}

export const LATER = "not supported yet";

/** Keys that are known but have no place here, with the reason. */
export type Absent = Readonly<Record<string, string>>;

export const later = (...keys: string[]): Absent => Object.fromEntries(keys.map((key) => [key, LATER]));

/** A map with a fixed set of keys. Any other is refused with the nearest right one, or with the reason why it is absent. */
export function section<S extends z.ZodRawShape>(shape: S, absent: Absent = {}): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => unknownKey(key, known, absent)).join("\n") : undefined,
  });
}

/** Why a key is refused: `unknown key; did you mean app_port?` */
export function unknownKey(key: string, known: readonly string[], absent: Absent): string {
  if (Object.hasOwn(absent, key)) return absent[key] ?? LATER;
  const nearest = closest(key, known);
  return isNear(key, nearest) ? `unknown key; did you mean ${nearest}?` : "unknown key";
}

/** What may have been meant, for the end of a sentence: `did you mean db?`, else `there is db, cache`. */
export function orNearest(name: string, known: readonly string[]): string {
  const nearest = known.length === 0 ? "" : closest(name, known);
  if (nearest !== "" && isNear(name, nearest)) return `did you mean ${nearest}?`;
  return `there is ${known.join(", ") || "none"}`;
}

const isNear = (written: string, nearest: string): boolean => distance(written, nearest) <= Math.max(2, written.length / 2);
