import type { z } from "zod";
import { isMap } from "../core/values.ts";
import { snakeCase } from "./camel-case.ts";
import { Root } from "./root.ts";

/** Key of a stack's file → how a program writes it: `app_port` → `appPort`. */
export type ProgramNames = ReadonlyMap<string, string>;

/**
 * Arguments of a program with the keys of a stack's file: `appPort` becomes `app_port`, and names that the user has chosen stay as they are
 * (variables, labels, roles). What is neither a map nor a list is passed on, as are keys that the schema does not have: it refuses them.
 *
 * @param names gets the keys that were converted, for errors
 */
export function withYamlKeys(
  args: Readonly<Record<string, unknown>>,
  names: Map<string, string> = new Map(),
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const name = snakeCase(key);
      if (!Object.hasOwn(Root, name)) return [[key, value]];
      names.set(name, key);
      return [[name, convert(Root[name as keyof typeof Root], value, names)]];
    }),
  );
}

function convert(schema: z.core.$ZodType, value: unknown, names: Map<string, string>): unknown {
  const kinds = kindsOf(schema);
  if (Array.isArray(value)) {
    const item = kinds.find((kind) => kind._zod.def.type === "array") as z.core.$ZodArray | undefined;
    return item === undefined ? value : value.map((one) => convert(item._zod.def.element, one, names));
  }
  if (!isPlain(value)) return value;
  const objects = kinds.filter((kind): kind is z.core.$ZodObject => kind._zod.def.type === "object");
  const record = kinds.find((kind) => kind._zod.def.type === "record") as z.core.$ZodRecord | undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (inner === undefined) return [];
      const own = objects.find(({ _zod: { def } }) => Object.hasOwn(def.shape, snakeCase(key)));
      const field = own?._zod.def.shape[snakeCase(key)];
      if (field === undefined) return [[key, record === undefined ? inner : convert(record._zod.def.valueType, inner, names)]];
      names.set(snakeCase(key), key);
      return [[snakeCase(key), convert(field, inner, names)]];
    }),
  );
}

/** The schemas that a value may have, without the wrappers. */
function kindsOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = schema._zod;
  if (def.type === "optional") return kindsOf((def as z.core.$ZodOptionalDef).innerType);
  if (def.type === "union") return (def as z.core.$ZodUnionDef).options.flatMap(kindsOf);
  return [schema];
}

/** Not a list, and no object of a class. */
const isPlain = (value: unknown): value is Record<string, unknown> =>
  isMap(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
