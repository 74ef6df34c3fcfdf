import type { z } from "zod";
import { parseJson } from "../core/text.ts";
import { isMap } from "../core/values.ts";
import type { Found } from "./asking.ts";
import { Refusal } from "./refusal.ts";
import { because, type Ended } from "./tool.ts";

/** Reads the JSON that a program printed. A parse error would show a part of it, so it is not passed on. */
export function jsonOf<S extends z.ZodType>(schema: S, program: string, ended: Ended): z.output<S> {
  const read = schema.safeParse(parseJson(ended.stdout));
  if (read.success) return read.data;
  const why = ended.said === "" ? "" : `; ${because(program, ended)}`;
  throw new Refusal(`${program} ended well, but did not print what was asked for${why}`);
}

/** The text of a value of JSON; `undefined`: it has none. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;

/** The values of an object, those of nested ones with slashes in their keys: `db/password`. */
export function flat(value: unknown, above = ""): Found {
  const values: Record<string, string> = {};
  const hints: Record<string, string> = {};
  for (const [key, inner] of isMap(value) ? Object.entries(value) : Array.isArray(value) ? value.entries() : []) {
    const path = `${above}${key}`;
    const text = textOf(inner);
    if (text !== undefined) values[path] = text;
    else if (inner === null) hints[path] = "it is null there";
    else {
      const below = flat(inner, `${path}/`);
      Object.assign(values, below.values);
      Object.assign(hints, below.hints, { [path]: "it is not one value there" });
    }
  }
  return { values, hints };
}

/** Only these keys, of what a source has. */
export function pick({ values, hints = {} }: Found, keys: readonly string[]): Found {
  const of = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(map, key) ? [[key, map[key] ?? ""]] : [])));
  return { values: of(values), hints: of(hints) };
}
