import { z } from "zod";

/** Docker returns `null` for an empty list or map, and older engines omit fields. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
export const mapOf = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((map) => map ?? {});
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
export const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
/** An engine that does not say so is not known to lack it. */
export const supported = z
  .boolean()
  .nullish()
  .transform((value) => value ?? true);
