import { createHash } from "node:crypto";

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that are undefined: an absent key changes no hash, and leaves Docker its own default. */
export const omitUndefined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

/** Whether a value of JSON or YAML is a map: not a list, not `null`. */
export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** JSON with sorted keys and without `undefined`: equal values give equal text on every machine. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : inner,
  );
}

/** SHA-256 of the canonical form, in hex. */
export const stableHash = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex");

/** What JSON can express. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
