import * as pulumi from "@pulumi/pulumi";
import { isMap } from "../../core/values.ts";

/** A value that is known only later. */
export type Later = pulumi.Output<unknown> | Promise<unknown>;

export const isLater = (value: unknown): value is Later => pulumi.Output.isInstance(value) || value instanceof Promise;

/** Where outputs are among arguments, as the program writes them. A resource is no output, though it has some. */
export function outputsIn(args: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (isLater(args)) return [path];
  if (pulumi.Resource.isInstance(args)) return [];
  if (Array.isArray(args)) return args.flatMap((item, at) => outputsIn(item, [...path, at]));
  return isMap(args) ? Object.entries(args).flatMap(([key, inner]) => outputsIn(inner, [...path, key])) : [];
}
