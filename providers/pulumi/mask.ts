import { z } from "zod";
import { parseJson } from "../../core/text.ts";

const Secrets = z.record(z.string(), z.string());
const MASKED = "[secret]";
/** A shorter value is likely to be part of other words. */
const SHORTEST = 8;

/** Replaces the values of `slipway:secrets` in texts that a person or a log sees, as the output of the user's own commands. */
export function maskOf(config: { get(key: string): string | undefined } | undefined): (text: string) => string {
  const secrets = Secrets.safeParse(parseJson(config?.get("slipway:secrets") ?? "")).data ?? {};
  // A key of several lines may be printed with something before each of them.
  const values = Object.values(secrets).flatMap((value) => [value.trim(), ...value.split("\n").map((line) => line.trim())]);
  const long = [...new Set(values)].filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  return (text) => long.reduce((masked, value) => masked.replaceAll(value, MASKED), text);
}
