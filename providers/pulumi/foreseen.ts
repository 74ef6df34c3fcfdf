import type { z } from "zod";
import { isMap } from "../../core/values.ts";

/** The engine's placeholder for a value that is unknown in a preview (`pulumi.runtime.unknownValue`, unchanged since 2018). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** What replaces it in a plan: all the rest is known. */
export const LATER = "(known after this run)";
/** An image is parsed. */
export const LATER_IMAGE = "known-after-this-run";
/** By the key of the input: a machine that is not created yet. */
const LATER_BY_KEY: Readonly<Record<string, string>> = {
  address: "known when it exists",
  hostKey: "known when it exists",
  image: LATER_IMAGE,
};

/** What is no text is read twice, with different values: what comes out differently depends on one that is unknown. */
export type Reading = 0 | 1;

type Schema = z.core.$ZodType;

/** Inputs with a value for each that is unknown: one that the schema accepts, if the schema is no stricter than ours are. */
export function foreseen(inputs: unknown, schema: Schema | undefined, reading: Reading, key = ""): unknown {
  if (inputs === UNKNOWN) return standIn(schema, reading, key);
  if (Array.isArray(inputs)) return inputs.map((item) => foreseen(item, elementOf(schema), reading));
  if (!isMap(inputs)) return inputs;
  const { kind, required } = kindOf(inputs, schema, reading);
  const known = Object.entries(inputs).map(
    ([name, value]) => [name, foreseen(value, fieldOf(kind, name), reading, name)] as const,
  );
  return { ...required, ...Object.fromEntries(known.filter(([, value]) => value !== undefined)) };
}

export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}

function standIn(schema: Schema | undefined, reading: Reading, key = ""): unknown {
  const def = schema && defOf(schema);
  switch (def?.type) {
    case "number":
      return 1 + reading;
    case "boolean":
      return reading === 0;
    case "literal":
      return def.values[0];
    case "enum":
      return oneOf(Object.values(def.entries), reading);
    case "array":
      return isAnyText(def.element) ? [LATER] : [];
    case "record":
      return {};
    case "object":
      return requiredOf(schema, reading);
    case "union":
      return standIn(oneOf(def.options, reading), reading, key);
    case "default":
      return standIn(def.innerType, reading, key);
    case "optional":
      // Whether it is there is unknown as well, unless it is a plain value.
      return reading === 0 || isPlain(def.innerType) ? standIn(def.innerType, reading, key) : undefined;
    default:
      return LATER_BY_KEY[key] ?? LATER;
  }
}

interface Kind {
  readonly kind: Schema | undefined;
  /** What has to be added to a map of which even the kind is unknown. */
  readonly required: Readonly<Record<string, unknown>>;
}

/** What the schema of a map says of this one. */
function kindOf(inputs: Readonly<Record<string, unknown>>, schema: Schema | undefined, reading: Reading): Kind {
  const kind = schema && inner(schema);
  const def = kind && defOf(kind);
  if (def?.type !== "union") return { kind, required: {} };
  const { discriminator = "" } = def as z.core.$ZodUnionDef & Partial<z.core.$ZodDiscriminatedUnionDef>;
  const own = inputs[discriminator];
  if (own !== UNKNOWN) return { kind: def.options.find((option) => isKind(option, discriminator, own)), required: {} };
  const one = oneOf(def.options, reading);
  return { kind: one, required: requiredOf(one, reading) };
}

function isKind(option: Schema, discriminator: string, value: unknown): boolean {
  const field = fieldOf(option, discriminator);
  const def = field && defOf(field);
  return def?.type === "literal" && def.values.some((one) => one === value);
}

function requiredOf(schema: Schema | undefined, reading: Reading): Record<string, unknown> {
  const def = schema && defOf(schema);
  const fields = def?.type === "object" ? Object.entries(def.shape) : [];
  const required = fields.filter(([, field]) => defOf(field).type !== "optional");
  return Object.fromEntries(required.map(([name, field]) => [name, standIn(field, reading, name)]));
}

function elementOf(schema: Schema | undefined): Schema | undefined {
  const def = schema && defOf(inner(schema));
  return def?.type === "array" ? def.element : undefined;
}

function fieldOf(schema: Schema | undefined, name: string): Schema | undefined {
  const def = schema && defOf(schema);
  if (def?.type === "record") return def.valueType;
  return def?.type === "object" && Object.hasOwn(def.shape, name) ? def.shape[name] : undefined;
}

/** Without what allows it to be absent. */
function inner(schema: Schema): Schema {
  const def = defOf(schema);
  return def.type === "optional" || def.type === "default" ? inner(def.innerType) : schema;
}

function isAnyText(schema: Schema): boolean {
  const def = defOf(schema);
  return def.type === "string" && (def.checks ?? []).length === 0;
}

const isPlain = (schema: Schema): boolean => ["string", "number", "boolean"].includes(defOf(inner(schema)).type);

const oneOf = <T>(all: readonly T[], reading: Reading): T | undefined => all[reading] ?? all[0];

/** Every schema of zod is one of these, and says which by its type. */
const defOf = (schema: Schema): z.core.$ZodTypes["_zod"]["def"] => (schema as z.core.$ZodTypes)._zod.def;
