import { z } from "zod";
import type { ConfigPath } from "../schema/problem.ts";
import { CHANGED, refuseMisread } from "../schema/written.ts";

export type Labels = Readonly<Record<string, string>>;

/** A value of a label, an option or an environment variable: numbers and booleans become text. */
export const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const LabelsSection = z.record(z.string(), scalar);

const RESERVED = /^(service|role|destination|slipway\..*)$/;

export function resolveLabels(labels: z.infer<typeof LabelsSection> = {}, place: ConfigPath): Labels {
  for (const name of Object.keys(labels)) {
    if (RESERVED.test(name))
      place.at(name).refuse("reserved: Slipway finds its containers by service, role, destination and slipway.*");
    else if (!/^\S+$/.test(name)) place.at(name).refuse("the name of a label must not contain whitespace");
  }
  return asText(labels, place);
}

type Scalar = z.infer<typeof scalar>;

/** A value as text. Refused: a number that is not what the file says. */
export function textOf(value: Scalar, place: ConfigPath): string {
  if (refuseMisread(value, place)) return String(value);
  // Pulumi writes only what YAML could not hold with an exponent, and -0 for the -0.0 of a file.
  if (typeof value === "number" && (String(value).includes("e") || Object.is(value, -0))) place.refuse(CHANGED);
  return String(value);
}

export const asText = (map: Readonly<Record<string, Scalar>>, place: ConfigPath): Record<string, string> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, textOf(value, place.at(name))]));
